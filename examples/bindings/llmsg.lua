-- libllmsg from LuaJIT.
--
--     luajit llmsg.lua libllmsg.so.1 request|response [PIECE] < stream
--
-- prints the messages of a stream, fed in pieces of so many bytes. As a module:
--
--     local llmsg = require("llmsg")
--     local parser = llmsg.open("libllmsg.so.1").new("request", { head_limit = 32768 })
--     for _, event in ipairs(parser:parse(data)) do ... end
local ffi = require("ffi")

ffi.cdef [[
typedef struct llmsg_lexicon llmsg_lexicon_t;
typedef struct {
  uint32_t size, event_size, field_size, strict, lenient, pause_after_message;
  uint64_t body_limit;
  uint32_t start_line_limit, header_line_limit, header_count_limit, head_limit;
  uint32_t chunk_line_limit, trailers_limit, informational_limit, reserved;
  void *(*reallocate)(void *, void *, size_t);
  void *user;
  llmsg_lexicon_t *lexicon;
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
  const char *error_name, *reason;
  const uint32_t *lines;
} llmsg_result_t;
typedef struct llmsg_parser llmsg_parser_t;
llmsg_lexicon_t *llmsg_lexicon_new(uint32_t, uint64_t, void *, void *);
void llmsg_lexicon_free(llmsg_lexicon_t *);
void llmsg_options_init(llmsg_options_t *, uint32_t);
llmsg_parser_t *llmsg_new(uint32_t, const llmsg_options_t *);
const char *llmsg_check(uint32_t, const llmsg_options_t *);
void llmsg_free(llmsg_parser_t *);
int32_t llmsg_reset(llmsg_parser_t *);
const llmsg_result_t *llmsg_result(const llmsg_parser_t *);
uint32_t llmsg_parse(llmsg_parser_t *, const char *, size_t);
uint32_t llmsg_finish(llmsg_parser_t *);
void llmsg_resume(llmsg_parser_t *);
int32_t llmsg_expect(llmsg_parser_t *, uint32_t, uint32_t);
int32_t llmsg_method(const char *, size_t);
const char *llmsg_field_name(uint32_t);
]]

local llmsg = {
  OK = 0, PAUSED = 1, UPGRADED = 2, ERROR = 3, NO_MEMORY = 4, MISUSE = 5,
  HEAD = 1, DATA = 2, END = 3,
}
local HEAD, DATA, COMPLETE, GATHERED = llmsg.HEAD, llmsg.DATA, 32, 128
local ROLES = { request = 1, response = 2 }
local text, band = ffi.string, bit.band
local new_table = require("table.new")

local new_event = ffi.typeof("llmsg_event_t")
local PLACES = 2048 -- LLMSG_LINE_PLACES

local Parser = {}
Parser.__index = Parser

local function random_key()
  local key, source = ffi.new("uint64_t[1]"), assert(io.open("/dev/urandom", "rb"))
  ffi.copy(key, source:read(8), 8)
  source:close()
  return key[0]
end

-- A lexicon, and the strings that were made for its lines: number, name and value, by
-- the place of the line. A Lua state runs in one thread, so one for each role is enough.
local function new_lines(c, role)
  local handle = c.llmsg_lexicon_new(role, random_key(), nil, nil)
  if handle == nil then error("not enough memory", 3) end
  return {
    handle = ffi.gc(handle, c.llmsg_lexicon_free),
    kept = ffi.new("uint32_t[?]", PLACES),
    names = new_table(PLACES, 0),
    values = new_table(PLACES, 0),
  }
end

-- Opens the library. `new` makes a parser; `options` are members of llmsg_options_t.
function llmsg.open(path)
  local c = ffi.load(path)
  local names, ids, lines = {}, {}, {} -- names and ids are of known fields
  for id = 1, math.huge do
    local name = text(c.llmsg_field_name(id))
    if name == "" then break end
    names[id], ids[name] = name, id
  end
  local function new(role, options)
    local number = ROLES[role]
    if not number then error("role is neither request nor response", 2) end
    lines[role] = lines[role] or new_lines(c, number)
    local given = ffi.new("llmsg_options_t")
    c.llmsg_options_init(given, ffi.sizeof(given))
    given.lexicon = lines[role].handle
    for name, value in pairs(options or {}) do given[name] = value end
    local handle = c.llmsg_new(number, given)
    if handle == nil then
      local wrong = c.llmsg_check(number, given)
      error(wrong ~= nil and text(wrong) or "not enough memory", 2)
    end
    handle = ffi.gc(handle, c.llmsg_free)
    return setmetatable({
      c = c, names = names, lines = lines[role], handle = handle,
      result = c.llmsg_result(handle), message = false,
      content = false, room = 0, length = 0, -- of the message's content
    }, Parser)
  end
  return { new = new, ids = ids }
end

local function other_name(at, length)
  while at[length - 1] == 32 do length = length - 1 end -- with leniency
  return text(at, length):lower()
end

-- Names in lower case, and values: n, v, n, v. Names that are known need not be made, nor
-- anything of a line that came before.
local function headers_of(result, event, source, names, lines)
  local first, count = event.first_field, event.field_count
  local headers, kept = new_table(2 * count, 0), lines.kept
  local kept_names, kept_values = lines.names, lines.values
  for i = 0, count - 1 do
    local line, field = result.lines[first + i], result.fields + (first + i)
    local place = band(line, PLACES - 1)
    local name, value
    if line ~= 0 and kept[place] == line then
      name, value = kept_names[place], kept_values[place]
    else
      name = names[field.id] or other_name(source + field.name, field.name_length)
      if line ~= 0 then
        value = band(line, 1) ~= 0 and text(source + field.value, field.value_length)
        kept[place], kept_names[place], kept_values[place] = line, name, value
      end
    end
    headers[2 * i + 1] = name
    headers[2 * i + 2] = value or text(source + field.value, field.value_length)
  end
  return headers
end

-- Of a head, what few ask for is made when they do.
local numbers = { flags = "flags", major = "http_major", minor = "http_minor" }
local texts = { path = "path_length", query = "query_length", host = "host_length" }
local Head = {}
function Head.__index(head, key)
  local event, made = rawget(head, 2), nil
  if key == "kind" then
    made = HEAD
  elseif numbers[key] then
    made = event[numbers[key]]
    if key == "flags" then made = band(made, GATHERED - 1) end
  elseif texts[key] then
    made = head[1]:sub(event[key] + 1, event[key] + event[texts[key]])
  elseif key == "content_length" then
    made = tonumber(event.content_length)
  end
  rawset(head, key, made)
  return made
end

-- Tables are made with all their keys at once: LuaJIT makes those several times faster, and
-- fastest with no more than four of them. So what is not for users has numbers.
local function head_of(result, event, data, source, names, lines, content)
  local head = setmetatable({
    data, new_event(event),
    code = event.code,
    text = text(source + event.text, event.text_length),
    headers = headers_of(result, event, source, names, lines),
    content = content,
  }, Head)
  return head -- no tail call: LuaJIT would compile nothing after it
end

-- Where the text of an event is: as C sees it, and as a string.
local function source_of(result, event, data, start)
  if band(event.flags, GATHERED) == 0 then return start, data end
  return result.gathered, text(result.gathered, result.gathered_length)
end

local function content_of(result, event, start)
  if band(event.flags, GATHERED) ~= 0 then start = result.gathered end
  return text(start + event.text, event.text_length)
end

local function event_of(result, event, data, start, names, lines)
  local kind = event.kind
  if kind == DATA then return { kind = DATA, data = content_of(result, event, start) } end
  local source, whole = source_of(result, event, data, start)
  if kind == HEAD then return head_of(result, event, whole, source, names, lines, false) end
  return { kind = kind, headers = headers_of(result, event, source, names, lines) }
end

-- In what follows the first event is not in the loop: LuaJIT compiles no loop that mostly
-- ends after one turn.

local function events_of(result, data, names, lines)
  local count, start = result.event_count, ffi.cast("const char *", data)
  if count == 0 then return {} end
  local events = new_table(count, 0)
  events[1] = event_of(result, result.events[0], data, start, names, lines)
  for i = 1, count - 1 do
    events[i + 1] = event_of(result, result.events[i], data, start, names, lines)
  end
  return events
end

-- Content is joined in memory of C's, and becomes one string in the end.
local function add_content(parser, result, event, start)
  local length = parser.length + event.text_length
  if length >= parser.room then
    local room = math.max(2 * length, 4096)
    local grown = ffi.new("char[?]", room)
    if parser.length > 0 then ffi.copy(grown, parser.content, parser.length) end
    parser.content, parser.room = grown, room
  end
  if band(event.flags, GATHERED) ~= 0 then start = result.gathered end
  ffi.copy(parser.content + parser.length, start + event.text, event.text_length)
  parser.length = length
end

local function take_content(parser)
  if parser.length == 0 then return "" end
  local content = text(parser.content, parser.length)
  parser.length = 0
  if parser.room > 65536 then parser.content, parser.room = false, 0 end
  return content
end

-- Adds an event to the message at hand. Returns the message if it is complete.
local function collect(parser, result, event, data, start)
  local kind = event.kind
  if kind == HEAD then
    local source, whole = source_of(result, event, data, start)
    local head = head_of(result, event, whole, source, parser.names, parser.lines, "")
    if band(event.flags, COMPLETE) ~= 0 then return head end
    parser.message, parser.length = head, 0
    return false
  elseif kind == DATA then
    add_content(parser, result, event, start)
    return false
  end
  local message = parser.message
  message.content = take_content(parser)
  if event.field_count > 0 then
    local source = source_of(result, event, data, start)
    message.trailers = headers_of(result, event, source, parser.names, parser.lines)
  end
  parser.message = false
  return message
end

local function messages_of(parser, data)
  local result, start = parser.result, ffi.cast("const char *", data)
  local count, n = result.event_count, 0
  if count == 0 then return {} end
  local found = new_table(count, 0)
  local message = collect(parser, result, result.events[0], data, start)
  if message then found[1], n = message, 1 end
  for i = 1, count - 1 do
    message = collect(parser, result, result.events[i], data, start)
    if message then
      n = n + 1
      found[n] = message
    end
  end
  return found
end

-- The messages that these bytes complete: heads, each with its `content`, and `trailers`
-- if there are any. Without data, what the end of the input completes.
function Parser:messages(data)
  if data then self.c.llmsg_parse(self.handle, data, #data) else self.c.llmsg_finish(self.handle) end
  return messages_of(self, data or "")
end

-- The events that these bytes complete. `result.stop` has why they are all.
function Parser:parse(data)
  self.c.llmsg_parse(self.handle, data, #data)
  return events_of(self.result, data, self.names, self.lines)
end

function Parser:finish()
  self.c.llmsg_finish(self.handle)
  return events_of(self.result, "", self.names, self.lines)
end

function Parser:resume() self.c.llmsg_resume(self.handle) end

function Parser:reset()
  assert(self.c.llmsg_reset(self.handle) == 0, "not enough memory")
  self.message, self.length = false, 0
end

-- Notes a request that was sent.
function Parser:expect(method, upgrade)
  local number = self.c.llmsg_method(method, #method)
  if number < 0 then number = 1 end -- no other matters
  assert(self.c.llmsg_expect(self.handle, number, upgrade and 1 or 0) == 0)
end

if ... == "llmsg" then return llmsg end

-- ---- The program ----

local function show(bytes)
  if bytes == "" then return "-" end
  return (bytes:gsub(".", function(c) return ("%02x"):format(c:byte()) end))
end

local function number(value) return (tostring(value):gsub("U?LL$", "")) end

local function write(events, ids)
  for _, event in ipairs(events) do
    if event.kind == HEAD then
      print(table.concat({
        "head", event.code, event.major .. "." .. event.minor, event.flags,
        event.content_length, show(event.text), show(event.path),
        show(event.query), show(event.host),
      }, " "))
    elseif event.kind == DATA then
      print("data " .. show(event.data))
    else
      print("end")
    end
    local headers = event.headers or {}
    for i = 1, #headers, 2 do
      print(("field %d %s %s"):format(ids[headers[i]] or 0, show(headers[i]), show(headers[i + 1])))
    end
  end
end

local path, role, piece = ...
local library = llmsg.open(path)
local parser = library.new(role)
local result, stream, at = parser.result, io.read("*a"), 0
local step = tonumber(piece or 0)
if step == 0 then step = math.max(#stream, 1) end
while at < #stream and result.stop == llmsg.OK do
  write(parser:parse(stream:sub(at + 1, at + step)), library.ids)
  at = at + result.taken
end
if result.stop == llmsg.OK then write(parser:finish(), library.ids) end
print("stop " .. result.stop .. " " .. number(result.offset))
if result.stop == llmsg.ERROR then
  local line = table.concat({
    "error", result.error, result.limit, number(result.error_offset), result.status,
    text(result.error_name), text(result.reason),
  }, " ")
  print((line:gsub("%s+$", "")))
end
