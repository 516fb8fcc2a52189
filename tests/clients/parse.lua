-- parse.lua - what parse.c does, through LuaJIT's FFI.
--
--     luajit parse.lua <declarations> request|response < stream
--
-- The declarations are llhttp.h, preprocessed.
local ffi = require("ffi")
ffi.cdef(assert(io.open(arg[1])):read("*a"))
local llhttp = ffi.load("llhttp")

local settings = ffi.new("llhttp_settings_t")
llhttp.llhttp_settings_init(settings)

for _, name in ipairs { "url", "status", "header_field", "header_value", "body" } do
  settings["on_" .. name] = function(_, at, length)
    print(name .. " " .. ffi.string(at, length))
    return llhttp.HPE_OK
  end
end

settings.on_headers_complete = function(parser)
  local what
  if llhttp.llhttp_get_type(parser) == llhttp.HTTP_REQUEST then
    what = llhttp.llhttp_method_name(llhttp.llhttp_get_method(parser))
  else
    what = llhttp.llhttp_status_name(llhttp.llhttp_get_status_code(parser))
  end
  print(("headers complete: %s, HTTP/%d.%d"):format(
    ffi.string(what), parser.http_major, parser.http_minor))
  return llhttp.HPE_OK
end

settings.on_message_complete = function(parser)
  print("message complete: keep-alive " .. llhttp.llhttp_should_keep_alive(parser))
  return llhttp.HPE_OK
end

local input = io.read("*a")
local parser = ffi.new("llhttp_t")
local type = arg[2] == "response" and llhttp.HTTP_RESPONSE or llhttp.HTTP_REQUEST
llhttp.llhttp_init(parser, type, settings)

-- Callbacks run inside this call, which must not be compiled.
local function execute()
  return llhttp.llhttp_execute(parser, input, #input)
end
jit.off(execute)

local start = ffi.cast("const char *", input)
local code = execute()
if code ~= llhttp.HPE_OK then
  print(("%s at %d: %s"):format(
    ffi.string(llhttp.llhttp_errno_name(code)),
    tonumber(llhttp.llhttp_get_error_pos(parser) - start),
    ffi.string(llhttp.llhttp_get_error_reason(parser))))
else
  print("end: " .. ffi.string(llhttp.llhttp_errno_name(llhttp.llhttp_finish(parser))))
end
