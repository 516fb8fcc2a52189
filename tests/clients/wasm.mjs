// wasm.mjs - a WebAssembly host: parses responses as undici does.
//
//     node wasm.mjs llhttp.wasm < stream
//
// prints what the module imports and exports as JSON, then one line for each
// callback. The input is fed in two pieces, so that memory is written to anew.
import { readFileSync } from 'node:fs'

const module = new WebAssembly.Module(readFileSync(process.argv[2]))
const input = readFileSync(0)

console.log(JSON.stringify({
  imports: WebAssembly.Module.imports(module).map(({ module, name }) => `${module}.${name}`),
  exports: WebAssembly.Module.exports(module).map(({ name }) => name)
}))

const text = (at, length) =>
  Buffer.from(llhttp.memory.buffer, at, length).toString('latin1')
const span = (name) => (parser, at, length) => {
  console.log(name, text(at, length))
  return 0
}
const event = (name) => (parser, ...numbers) => {
  console.log(name, ...numbers)
  return 0
}

const { exports: llhttp } = new WebAssembly.Instance(module, {
  env: {
    wasm_on_message_begin: event('message begin'),
    wasm_on_url: span('url'),
    wasm_on_status: span('status'),
    wasm_on_header_field: span('header_field'),
    wasm_on_header_value: span('header_value'),
    wasm_on_headers_complete: event('headers complete'),
    wasm_on_body: span('body'),
    wasm_on_message_complete: event('message complete')
  }
})

const cString = (at) =>
  text(at, new Uint8Array(llhttp.memory.buffer, at).indexOf(0))

const HTTP_RESPONSE = 2
const parser = llhttp.llhttp_alloc(HTTP_RESPONSE)
const buffer = llhttp.malloc(65536)
let code = 0
for (const piece of [input.subarray(0, 20), input.subarray(20)]) {
  new Uint8Array(llhttp.memory.buffer, buffer, piece.length).set(piece)
  code = llhttp.llhttp_execute(parser, buffer, piece.length)
  if (code !== 0) {
    const position = llhttp.llhttp_get_error_pos(parser) - buffer
    console.log(cString(llhttp.llhttp_errno_name(code)), 'before',
      JSON.stringify(piece.subarray(position).toString('latin1')),
      cString(llhttp.llhttp_get_error_reason(parser)))
  }
}
if (code === 0) console.log('end', llhttp.llhttp_finish(parser))
llhttp.free(buffer)
llhttp.llhttp_free(parser)
