<?php
// libllmsg from PHP, through its FFI.
//
//     php llmsg.php libllmsg.so.1 request|response [PIECE] < stream
//
// prints the messages of a stream, fed in pieces of so many bytes.
declare(strict_types=1);

const OK = 0, PAUSED = 1, UPGRADED = 2, ERROR = 3, NO_MEMORY = 4, MISUSE = 5;
const HEAD = 1, DATA = 2, GATHERED = 128;

const DECLARATIONS = <<<'C'
typedef struct {
  uint32_t size, event_size, field_size, strict, lenient, pause_after_message;
  uint64_t body_limit;
  uint32_t start_line_limit, header_line_limit, header_count_limit, head_limit;
  uint32_t chunk_line_limit, trailers_limit, informational_limit, reserved;
  void *reallocate;
  void *user;
} llmsg_options_t;
typedef struct {
  uint32_t kind, flags, text, text_length, first_field, field_count, code;
  uint16_t http_major, http_minor;
  uint64_t content_length;
  uint32_t head, head_length, path, path_length, query, query_length;
  uint32_t host, host_length, reserved[2];
} llmsg_event_t;
typedef struct { uint32_t id, name, name_length, value, value_length; } llmsg_field_t;
typedef struct {
  uint32_t size, stop, event_count, field_count;
  const llmsg_event_t *events;
  const llmsg_field_t *fields;
  const char *gathered;
  uint64_t offset;
  uint32_t taken, gathered_length, error, limit, status, reserved;
  uint64_t error_offset;
  int64_t error_at;
  const char *error_name;
  const char *reason;
} llmsg_result_t;
typedef struct llmsg_parser llmsg_parser_t;
void llmsg_options_init(llmsg_options_t *, uint32_t);
llmsg_parser_t *llmsg_new(uint32_t, const llmsg_options_t *);
const char *llmsg_check(uint32_t, const llmsg_options_t *);
void llmsg_free(llmsg_parser_t *);
const llmsg_result_t *llmsg_result(const llmsg_parser_t *);
uint32_t llmsg_parse(llmsg_parser_t *, const char *, size_t);
uint32_t llmsg_finish(llmsg_parser_t *);
void llmsg_resume(llmsg_parser_t *);
int32_t llmsg_expect(llmsg_parser_t *, uint32_t, uint32_t);
int32_t llmsg_method(const char *, size_t);
C;

/** Reads one connection. */
final class Parser
{
    public readonly FFI\CData $result;
    private FFI\CData $parser;

    /** @param array<string, int> $options members of llmsg_options_t */
    public function __construct(private FFI $c, string $role, array $options = [])
    {
        $given = $c->new('llmsg_options_t');
        $c->llmsg_options_init(FFI::addr($given), FFI::sizeof($given));
        foreach ($options as $name => $value) {
            $given->$name = $value;
        }
        $number = ['request' => 1, 'response' => 2][$role] ?? 0;
        $parser = $c->llmsg_new($number, FFI::addr($given));
        if ($parser === null) {
            $wrong = $c->llmsg_check($number, FFI::addr($given));
            throw new ValueError($wrong === null ? 'not enough memory' : FFI::string($wrong));
        }
        $this->parser = $parser;
        $this->result = $c->llmsg_result($parser);
    }

    public function __destruct()
    {
        if (isset($this->parser)) {
            $this->c->llmsg_free($this->parser);
        }
    }

    /** The events that these bytes complete. */
    public function parse(string $data): array
    {
        $this->c->llmsg_parse($this->parser, $data, strlen($data));
        return $this->events($data);
    }

    public function finish(): array
    {
        $this->c->llmsg_finish($this->parser);
        return $this->events('');
    }

    public function resume(): void
    {
        $this->c->llmsg_resume($this->parser);
    }

    /** Notes a request that was sent. */
    public function expect(string $method, bool $upgrade = false): void
    {
        $number = $this->c->llmsg_method($method, strlen($method));
        $this->c->llmsg_expect($this->parser, $number < 0 ? 1 : $number, (int) $upgrade);
    }

    private function events(string $data): array
    {
        $result = $this->result;
        $gathered = $result->gathered_length === 0
            ? '' : FFI::string($result->gathered, $result->gathered_length);
        $events = [];
        for ($i = 0; $i < $result->event_count; $i++) {
            $event = $result->events[$i];
            $events[] = $this->event($event, $event->flags & GATHERED ? $gathered : $data);
        }
        return $events;
    }

    private function event(FFI\CData $event, string $source): array
    {
        $text = substr($source, $event->text, $event->text_length);
        if ($event->kind === DATA) {
            return ['kind' => DATA, 'data' => $text, 'fields' => []];
        }
        $fields = [];
        for ($i = 0; $i < $event->field_count; $i++) {
            $field = $this->result->fields[$event->first_field + $i];
            $fields[] = [
                $field->id,
                substr($source, $field->name, $field->name_length),
                substr($source, $field->value, $field->value_length),
            ];
        }
        return [
            'kind' => $event->kind,
            'flags' => $event->flags & ~GATHERED,
            'code' => $event->code,
            'version' => "{$event->http_major}.{$event->http_minor}",
            'content_length' => $event->content_length,
            'text' => $text,
            'path' => substr($source, $event->path, $event->path_length),
            'query' => substr($source, $event->query, $event->query_length),
            'host' => substr($source, $event->host, $event->host_length),
            'fields' => $fields,
        ];
    }
}

function show(string $text): string
{
    return $text === '' ? '-' : bin2hex($text);
}

function write(array $events): void
{
    foreach ($events as $event) {
        if ($event['kind'] === HEAD) {
            $numbers = "{$event['code']} {$event['version']} {$event['flags']}";
            $parts = [$event['text'], $event['path'], $event['query'], $event['host']];
            echo "head $numbers {$event['content_length']} ";
            echo implode(' ', array_map(show(...), $parts)), "\n";
        } elseif ($event['kind'] === DATA) {
            echo 'data ', show($event['data']), "\n";
        } else {
            echo "end\n";
        }
        foreach ($event['fields'] as [$id, $name, $value]) {
            echo "field $id ", show($name), ' ', show($value), "\n";
        }
    }
}

[, $path, $role] = $argv;
$parser = new Parser(FFI::cdef(DECLARATIONS, $path), $role);
$result = $parser->result;
$stream = stream_get_contents(STDIN);
$step = (int) ($argv[3] ?? 0) ?: max(strlen($stream), 1);
for ($at = 0; $at < strlen($stream) && $result->stop === OK; $at += $result->taken) {
    write($parser->parse(substr($stream, $at, $step)));
}
if ($result->stop === OK) {
    write($parser->finish());
}
echo "stop {$result->stop} {$result->offset}\n";
if ($result->stop === ERROR) {
    $numbers = "{$result->error} {$result->limit} {$result->error_offset} {$result->status}";
    $texts = FFI::string($result->error_name) . ' ' . FFI::string($result->reason);
    echo rtrim("error $numbers $texts"), "\n";
}
