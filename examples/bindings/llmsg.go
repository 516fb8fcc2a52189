// libllmsg from Go, through cgo.
//
//	CGO_CFLAGS=-I/usr/local/include CGO_LDFLAGS=-lllmsg go build llmsg.go
//	./llmsg request|response [PIECE] < stream
//
// prints the messages of a stream, fed in pieces of so many bytes.
package main

// #include <llmsg.h>
import "C"

import (
	"bufio"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
	"unsafe"
)

// Field is a header line or trailer line; ID is an enum llmsg_field.
type Field struct {
	ID          uint32
	Name, Value string
}

// Event is a head, content (all of Text), or an end.
type Event struct {
	Kind, Flags, Code       uint32
	Major, Minor            uint16
	ContentLength           uint64
	Text, Path, Query, Host string
	Fields                  []Field
}

// Parser reads one connection.
type Parser struct {
	parser *C.llmsg_parser_t
	Result *C.llmsg_result_t
}

// NewParser makes a parser of C.LLMSG_REQUESTS or C.LLMSG_RESPONSES. Change changes the
// default options; it may be nil.
func NewParser(role uint32, change func(*C.llmsg_options_t)) (*Parser, error) {
	var options C.llmsg_options_t
	C.llmsg_options_init(&options, C.uint32_t(unsafe.Sizeof(options)))
	if change != nil {
		change(&options)
	}
	parser := C.llmsg_new(C.uint32_t(role), &options)
	if parser == nil {
		if wrong := C.llmsg_check(C.uint32_t(role), &options); wrong != nil {
			return nil, errors.New(C.GoString(wrong))
		}
		return nil, errors.New("not enough memory")
	}
	p := &Parser{parser, C.llmsg_result(parser)}
	runtime.SetFinalizer(p, func(p *Parser) { C.llmsg_free(p.parser) })
	return p, nil
}

// Parse returns the events that these bytes complete.
func (p *Parser) Parse(data []byte) []Event {
	var first *C.char
	if len(data) > 0 {
		first = (*C.char)(unsafe.Pointer(&data[0]))
	}
	C.llmsg_parse(p.parser, first, C.size_t(len(data)))
	return p.events(string(data))
}

// Finish ends the input.
func (p *Parser) Finish() []Event {
	C.llmsg_finish(p.parser)
	return p.events("")
}

// Resume goes on with HTTP after an upgrade.
func (p *Parser) Resume() { C.llmsg_resume(p.parser) }

// Expect notes the method of a request that was sent, an enum llmsg_method.
func (p *Parser) Expect(method uint32, upgrade bool) error {
	asked := C.uint32_t(0)
	if upgrade {
		asked = 1
	}
	if C.llmsg_expect(p.parser, C.uint32_t(method), asked) != 0 {
		return errors.New("not enough memory")
	}
	return nil
}

func (p *Parser) events(data string) []Event {
	r := p.Result
	gathered := C.GoStringN(r.gathered, C.int(r.gathered_length))
	events := make([]Event, r.event_count)
	for i, event := range unsafe.Slice(r.events, r.event_count) {
		source := data
		if event.flags&C.LLMSG_GATHERED != 0 {
			source = gathered
		}
		events[i] = p.event(&event, source)
	}
	return events
}

func (p *Parser) event(event *C.llmsg_event_t, source string) Event {
	text := func(start, length C.uint32_t) string { return source[start : start+length] }
	fields := make([]Field, event.field_count)
	all := unsafe.Slice(p.Result.fields, p.Result.field_count)
	for i := range fields {
		field := &all[int(event.first_field)+i]
		fields[i] = Field{
			uint32(field.id),
			text(field.name, field.name_length),
			text(field.value, field.value_length),
		}
	}
	return Event{
		Kind:          uint32(event.kind),
		Flags:         uint32(event.flags) &^ C.LLMSG_GATHERED,
		Code:          uint32(event.code),
		Major:         uint16(event.http_major),
		Minor:         uint16(event.http_minor),
		ContentLength: uint64(event.content_length),
		Text:          text(event.text, event.text_length),
		Path:          text(event.path, event.path_length),
		Query:         text(event.query, event.query_length),
		Host:          text(event.host, event.host_length),
		Fields:        fields,
	}
}

func show(text string) string {
	if text == "" {
		return "-"
	}
	return hex.EncodeToString([]byte(text))
}

func write(out io.Writer, events []Event) {
	for _, e := range events {
		switch e.Kind {
		case C.LLMSG_HEAD:
			fmt.Fprintf(out, "head %d %d.%d %d %d %s %s %s %s\n", e.Code, e.Major, e.Minor,
				e.Flags, e.ContentLength, show(e.Text), show(e.Path), show(e.Query), show(e.Host))
		case C.LLMSG_DATA:
			fmt.Fprintln(out, "data", show(e.Text))
		default:
			fmt.Fprintln(out, "end")
		}
		for _, field := range e.Fields {
			fmt.Fprintln(out, "field", field.ID, show(field.Name), show(field.Value))
		}
	}
}

func main() {
	role := uint32(C.LLMSG_RESPONSES)
	if os.Args[1] == "request" {
		role = C.LLMSG_REQUESTS
	}
	parser, err := NewParser(role, nil)
	if err != nil {
		panic(err)
	}
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	stream, _ := io.ReadAll(os.Stdin)
	step := 0
	if len(os.Args) > 2 {
		step, _ = strconv.Atoi(os.Args[2])
	}
	if step == 0 {
		step = len(stream)
	}
	r := parser.Result
	for at := 0; at < len(stream) && r.stop == C.LLMSG_OK; at += int(r.taken) {
		end := at + step
		if end > len(stream) {
			end = len(stream)
		}
		write(out, parser.Parse(stream[at:end]))
	}
	if r.stop == C.LLMSG_OK {
		write(out, parser.Finish())
	}
	fmt.Fprintln(out, "stop", r.stop, r.offset)
	if r.stop == C.LLMSG_ERROR {
		line := fmt.Sprintln("error", r.error, r.limit, r.error_offset, r.status,
			C.GoString(r.error_name), C.GoString(r.reason))
		fmt.Fprintln(out, strings.TrimRight(line, " \n"))
	}
	runtime.KeepAlive(parser)
}
