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
typedef struct {
  uint32_t size, event_size, field_size, strict, lenient, pause_after_message;
  uint64_t body_limit;
  uint32_t start_line_limit, header_line_limit, header_count_limit, head_limit;
  uint32_t chunk_line_limit, trailers_limit, informational_limit, reserved;
  void *(*reallocate)(void *, void *, size_t);
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
  const char *error_name, *reason;
} llmsg_result_t;
typedef struct llmsg_parser llmsg_parser_t;
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
const char *llmsg_method_name(uint32_t);
]]

local llmsg = {
  OK = 0, PAUSED = 1, UPGRADED = 2, ERROR = 3, NO_MEMORY = 4, MISUSE = 5,
  HEAD = 1, DATA = 2, END = 3,
}
local HEAD, DATA, GATHERED = llmsg.HEAD, llmsg.DATA, 128
local ROLES = { request = 1, response = 2 }
local text, band = ffi.string, bit.band

local Parser = {}
Parser.__index = Parser

-- Opens the library. `new` makes a parser; `options` are members of llmsg_options_t.
function llmsg.open(path)
  local c = ffi.load(path)
  local function new(role, options)
    local given = ffi.new("llmsg_options_t")
    c.llmsg_options_init(given, ffi.sizeof(given))
    for name, value in pairs(options or {}) do given[name] = value end
    local number = ROLES[role] or 0
    local handle = c.llmsg_new(number, given)
    if handle == nil then
      local wrong = c.llmsg_check(number, given)
      error(wrong ~= nil and text(wrong) or "not enough memory", 2)
    end
    handle = ffi.gc(handle, c.llmsg_free)
    return setmetatable({ c = c, handle = handle, result = c.llmsg_result(handle) }, Parser)
  end
  return { new = new, c = c }
end

local function fields_of(result, event, source)
  local fields, first = {}, event.first_field
  for i = 1, event.field_count do
    local field = result.fields[first + i - 1]
    fields[i] = {
      id = field.id,
      name = text(source + field.name, field.name_length),
      value = text(source + field.value, field.value_length),
    }
  end
  return fields
end

local function event_of(result, event, data)
  local source = band(event.flags, GATHERED) ~= 0 and result.gathered or data
  if event.kind == DATA then
    return { kind = DATA, data = text(source + event.text, event.text_length) }
  elseif event.kind ~= HEAD then
    return { kind = event.kind, fields = fields_of(result, event, source) }
  end
  return {
    kind = HEAD,
    flags = band(event.flags, GATHERED - 1),
    code = event.code,
    major = event.http_major,
    minor = event.http_minor,
    content_length = event.content_length,
    text = text(source + event.text, event.text_length),
    path = text(source + event.path, event.path_length),
    query = text(source + event.query, event.query_length),
    host = text(source + event.host, event.host_length),
    fields = fields_of(result, event, source),
  }
end

local function events_of(result, data)
  local events, start = {}, ffi.cast("const char *", data)
  for i = 1, result.event_count do
    events[i] = event_of(result, result.events[i - 1], start)
  end
  return events
end

-- The events that these bytes complete. `result.stop` has why they are all.
function Parser:parse(data)
  self.c.llmsg_parse(self.handle, data, #data)
  return events_of(self.result, data)
end

function Parser:finish()
  self.c.llmsg_finish(self.handle)
  return events_of(self.result, "")
end

function Parser:resume() self.c.llmsg_resume(self.handle) end

function Parser:reset() assert(self.c.llmsg_reset(self.handle) == 0, "not enough memory") end

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

local function write(events)
  for _, event in ipairs(events) do
    if event.kind == HEAD then
      print(table.concat({
        "head", event.code, event.major .. "." .. event.minor, event.flags,
        number(event.content_length), show(event.text), show(event.path),
        show(event.query), show(event.host),
      }, " "))
    elseif event.kind == DATA then
      print("data " .. show(event.data))
    else
      print("end")
    end
    for _, field in ipairs(event.fields or {}) do
      print(("field %d %s %s"):format(field.id, show(field.name), show(field.value)))
    end
  end
end

local path, role, piece = ...
local parser = llmsg.open(path).new(role)
local result, stream, at = parser.result, io.read("*a"), 0
local step = tonumber(piece or 0)
if step == 0 then step = math.max(#stream, 1) end
while at < #stream and result.stop == llmsg.OK do
  write(parser:parse(stream:sub(at + 1, at + step)))
  at = at + result.taken
end
if result.stop == llmsg.OK then write(parser:finish()) end
print("stop " .. result.stop .. " " .. number(result.offset))
if result.stop == llmsg.ERROR then
  local line = table.concat({
    "error", result.error, result.limit, number(result.error_offset), result.status,
    text(result.error_name), text(result.reason),
  }, " ")
  print((line:gsub("%s+$", "")))
end
