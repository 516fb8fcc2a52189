//! libllmsg from Rust, without crates.
//!
//!     rustc -O -L DIRECTORY llmsg.rs && ./llmsg request|response [PIECE] < stream
//!
//! prints the messages of a stream, fed in pieces of so many bytes. Events borrow the
//! parser and the data, so that no text can outlive what it points to.

#![allow(dead_code)]

use std::ffi::CStr;
use std::os::raw::{c_char, c_void};
use std::io::{self, Read, Write};
use std::marker::PhantomData;

#[repr(C)]
struct Options {
    size: u32,
    event_size: u32,
    field_size: u32,
    strict: u32,
    lenient: u32,
    pause_after_message: u32,
    body_limit: u64,
    limits: [u32; 7],
    reserved: u32,
    reallocate: *const c_void,
    user: *const c_void,
}

#[repr(C)]
struct RawEvent {
    kind: u32,
    flags: u32,
    text: [u32; 2],
    first_field: u32,
    field_count: u32,
    code: u32,
    http_major: u16,
    http_minor: u16,
    content_length: u64,
    head: [u32; 2],
    path: [u32; 2],
    query: [u32; 2],
    host: [u32; 2],
    reserved: [u32; 2],
}

#[repr(C)]
struct RawField {
    id: u32,
    name: [u32; 2],
    value: [u32; 2],
}

#[repr(C)]
struct Outcome {
    size: u32,
    stop: u32,
    event_count: u32,
    field_count: u32,
    events: *const RawEvent,
    fields: *const RawField,
    gathered: *const u8,
    offset: u64,
    taken: u32,
    gathered_length: u32,
    error: u32,
    limit: u32,
    status: u32,
    reserved: u32,
    error_offset: u64,
    error_at: i64,
    error_name: *const c_char,
    reason: *const c_char,
}

#[link(name = "llmsg")]
extern "C" {
    fn llmsg_options_init(options: *mut Options, size: u32);
    fn llmsg_new(role: u32, options: *const Options) -> *mut c_void;
    fn llmsg_free(parser: *mut c_void);
    fn llmsg_result(parser: *const c_void) -> *const Outcome;
    fn llmsg_parse(parser: *mut c_void, data: *const u8, length: usize) -> u32;
    fn llmsg_finish(parser: *mut c_void) -> u32;
}

const OK: u32 = 0;
const ERROR: u32 = 3;
const HEAD: u32 = 1;
const DATA: u32 = 2;
const GATHERED: u32 = 128;

/// Reads one connection.
struct Parser(*mut c_void);

impl Parser {
    /// `None` without memory.
    fn new(role: u32) -> Option<Parser> {
        let mut options = std::mem::MaybeUninit::<Options>::uninit();
        let parser = unsafe {
            llmsg_options_init(options.as_mut_ptr(), std::mem::size_of::<Options>() as u32);
            llmsg_new(role, options.as_ptr())
        };
        (!parser.is_null()).then_some(Parser(parser))
    }

    fn outcome(&self) -> &Outcome {
        unsafe { &*llmsg_result(self.0) }
    }

    /// The events that these bytes complete.
    fn parse<'a>(&'a mut self, data: &'a [u8]) -> impl Iterator<Item = Event<'a>> {
        unsafe { llmsg_parse(self.0, data.as_ptr(), data.len()) };
        self.events(data)
    }

    fn finish(&mut self) -> impl Iterator<Item = Event<'_>> {
        unsafe { llmsg_finish(self.0) };
        self.events(b"")
    }

    fn events<'a>(&'a self, data: &'a [u8]) -> impl Iterator<Item = Event<'a>> {
        let outcome = self.outcome();
        let gathered = slice(outcome.gathered, outcome.gathered_length);
        let fields = slice(outcome.fields, outcome.field_count);
        slice(outcome.events, outcome.event_count).iter().map(move |raw| Event {
            raw,
            fields: &fields[raw.first_field as usize..][..raw.field_count as usize],
            source: if raw.flags & GATHERED == 0 { data } else { gathered },
            parser: PhantomData,
        })
    }
}

impl Drop for Parser {
    fn drop(&mut self) {
        unsafe { llmsg_free(self.0) }
    }
}

/// What C points to; nothing of it may be NULL.
fn slice<'a, T>(first: *const T, count: u32) -> &'a [T] {
    if count == 0 {
        return &[];
    }
    unsafe { std::slice::from_raw_parts(first, count as usize) }
}

struct Event<'a> {
    raw: &'a RawEvent,
    fields: &'a [RawField],
    source: &'a [u8],
    parser: PhantomData<&'a Parser>,
}

impl<'a> Event<'a> {
    fn text(&self, place: [u32; 2]) -> &'a [u8] {
        &self.source[place[0] as usize..][..place[1] as usize]
    }

    /// Numbers, names and values.
    fn fields(&self) -> impl Iterator<Item = (u32, &'a [u8], &'a [u8])> + '_ {
        self.fields.iter().map(move |f| (f.id, self.text(f.name), self.text(f.value)))
    }
}

fn show(text: &[u8]) -> String {
    if text.is_empty() {
        return "-".into();
    }
    text.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn write<'a>(out: &mut impl Write, events: impl Iterator<Item = Event<'a>>) -> io::Result<()> {
    for event in events {
        let raw = event.raw;
        let text = |place| show(event.text(place));
        match raw.kind {
            HEAD => writeln!(
                out,
                "head {} {}.{} {} {} {} {} {} {}",
                raw.code,
                raw.http_major,
                raw.http_minor,
                raw.flags & !GATHERED,
                raw.content_length,
                text(raw.text),
                text(raw.path),
                text(raw.query),
                text(raw.host)
            )?,
            DATA => writeln!(out, "data {}", text(raw.text))?,
            _ => writeln!(out, "end")?,
        }
        for (id, name, value) in event.fields() {
            writeln!(out, "field {id} {} {}", show(name), show(value))?;
        }
    }
    Ok(())
}

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let role = if arguments[1] == "request" { 1 } else { 2 };
    let mut stream = Vec::new();
    io::stdin().read_to_end(&mut stream)?;
    let step = match arguments.get(2).and_then(|piece| piece.parse().ok()) {
        None | Some(0) => stream.len(),
        Some(piece) => piece,
    };
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut parser = Parser::new(role).expect("memory");
    let mut at = 0;
    while at < stream.len() && parser.outcome().stop == OK {
        let end = stream.len().min(at + step);
        write(&mut out, parser.parse(&stream[at..end]))?;
        at += parser.outcome().taken as usize;
    }
    if parser.outcome().stop == OK {
        write(&mut out, parser.finish())?;
    }
    let outcome = parser.outcome();
    writeln!(out, "stop {} {}", outcome.stop, outcome.offset)?;
    if outcome.stop == ERROR {
        let text = |place| unsafe { CStr::from_ptr(place) }.to_string_lossy();
        let line = format!(
            "error {} {} {} {} {} {}",
            outcome.error,
            outcome.limit,
            outcome.error_offset,
            outcome.status,
            text(outcome.error_name),
            text(outcome.reason)
        );
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}
