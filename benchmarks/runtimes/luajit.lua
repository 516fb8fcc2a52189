-- luajit.lua - callbacks of libllhttp against whole messages of libllmsg, in LuaJIT.
--
--     luajit luajit.lua BINDINGS LIBLLHTTP LIBLLMSG ROUNDS < buffers
--
-- prints the least nanoseconds for a buffer, of either way. Before each buffer is its
-- length, in decimal, on a line.
local bindings, llhttp_path, llmsg_path, rounds = ...
local ffi = require("ffi")
package.path = bindings .. "/?.lua;" .. package.path
local llmsg = require("llmsg")

ffi.cdef [[
typedef struct { char bytes[96]; } llhttp_t;
typedef int (*llhttp_data_cb)(llhttp_t *, const char *, size_t);
typedef int (*llhttp_cb)(llhttp_t *);
typedef struct {
  llhttp_cb on_message_begin;
  void *on_protocol;
  llhttp_data_cb on_url;
  void *on_status, *on_method, *on_version;
  llhttp_data_cb on_header_field, on_header_value;
  void *on_chunk_extension_name, *on_chunk_extension_value;
  llhttp_cb on_headers_complete;
  llhttp_data_cb on_body;
  llhttp_cb on_message_complete;
  void *others[12];
} llhttp_settings_t;
void llhttp_settings_init(llhttp_settings_t *);
void llhttp_init(llhttp_t *, int, const llhttp_settings_t *);
int llhttp_execute(llhttp_t *, const char *, size_t);
uint8_t llhttp_get_method(llhttp_t *);
typedef struct { long seconds, nanoseconds; } bench_time_t;
int clock_gettime(int, bench_time_t *);
]]

local function now()
  local t = ffi.new("bench_time_t")
  ffi.C.clock_gettime(1, t)
  return tonumber(t.seconds) * 1e9 + tonumber(t.nanoseconds)
end

-- ---- Both ways make the same: {code, text, headers, content} ----

local c, text = ffi.load(llhttp_path), ffi.string
local message, name, found
local settings = ffi.new("llhttp_settings_t")
c.llhttp_settings_init(settings)
settings.on_message_begin = function()
  message, name = { headers = {}, content = "" }, nil
  return 0
end
settings.on_url = function(_, at, length)
  message.text = text(at, length)
  return 0
end
settings.on_header_field = function(_, at, length)
  name = text(at, length):lower()
  return 0
end
settings.on_header_value = function(_, at, length)
  local headers = message.headers
  headers[#headers + 1] = name
  headers[#headers + 1] = text(at, length)
  return 0
end
settings.on_headers_complete = function(parser)
  message.code = c.llhttp_get_method(parser)
  return 0
end
settings.on_body = function(_, at, length)
  message.content = message.content .. text(at, length)
  return 0
end
settings.on_message_complete = function()
  found[#found + 1] = message
  return 0
end
local parser = ffi.new("llhttp_t")
c.llhttp_init(parser, 1, settings)

local function callbacks(data)
  found = {}
  assert(c.llhttp_execute(parser, data, #data) == 0)
  return found
end
jit.off(callbacks) -- callbacks run inside

local whole = llmsg.open(llmsg_path).new("request")
local function messages(data) return whole:messages(data) end

-- ---- Same result, then time ----

local function flat(list)
  local lines = {}
  for _, m in ipairs(list) do
    lines[#lines + 1] = m.code .. " " .. m.text .. " " .. m.content
    lines[#lines + 1] = table.concat(m.headers, " ")
  end
  return table.concat(lines, "\n")
end

local buffers = {}
for length in function() return io.read("*n", "*l") end do
  buffers[#buffers + 1] = io.read(length)
end
jit.off() -- what is compiled here would be for both ways
for _, data in ipairs(buffers) do
  assert(#messages(data) > 0)
  assert(flat(callbacks(data)) == flat(messages(data)), "the two ways differ")
end
jit.on()

-- A function of its own for each way: LuaJIT gives up a loop for good once it meets
-- callbacks in it. What is made is kept: LuaJIT leaves out what nobody uses.
local function measurer(way)
  local source = [[
    local way, now, buffers = ...
    return function(passes)
      collectgarbage() -- the other way's is not ours
      local start, count = now(), #buffers
      for i = 0, passes * count - 1 do kept = way(buffers[i % count + 1]) end
      return (now() - start) / (passes * count)
    end
  ]]
  return assert(loadstring(source))(way, now, buffers)
end

local measure_callbacks, measure_messages = measurer(callbacks), measurer(messages)
local passes = math.ceil(300 / #buffers)
local least = { math.huge, math.huge }
for _ = 1, tonumber(rounds) do
  least[1] = math.min(least[1], measure_callbacks(passes))
  least[2] = math.min(least[2], measure_messages(passes))
end
print(("%.0f %.0f"):format(least[1], least[2]))
