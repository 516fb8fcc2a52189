// node.mjs - callbacks of llhttp.wasm, as undici uses them, against whole messages of
// llmsg.wasm, in Node.
//
//     node node.mjs BINDINGS LLHTTP.WASM LLMSG.WASM ROUNDS < buffers
//
// prints the least nanoseconds for a buffer, of either way. Before each buffer is its
// length, in decimal, on a line. LLHTTP.WASM may be undici's own module: `undici` loads
// that of the package.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { KIND, load } from '../../csrc/wasm/llmsg.mjs'

const [, , , llhttpPath, llmsgPath, rounds] = process.argv
const require = createRequire(import.meta.url)

function bytesOf (path) {
  if (path !== 'undici') return readFileSync(path)
  const module = require('undici/lib/llhttp/llhttp_simd-wasm.js')
  return typeof module === 'string' ? Buffer.from(module, 'base64') : module
}

// ---- Both ways make the same: {code, text, headers, body} ----

function callbacks (role) {
  let current, base, message, name, found
  // A part of the chunk that is being parsed: no copy.
  const view = (at, length) =>
    Buffer.from(current.buffer, current.byteOffset + at - base, length)
  const { exports: c } = new WebAssembly.Instance(new WebAssembly.Module(bytesOf(llhttpPath)), {
    env: {
      wasm_on_message_begin: () => {
        message = { code: 0, text: '', headers: [], body: [] }
        return 0
      },
      wasm_on_url: (_, at, length) => {
        message.text = view(at, length).latin1Slice()
        return 0
      },
      wasm_on_status: (_, at, length) => {
        message.text = view(at, length).latin1Slice()
        return 0
      },
      wasm_on_header_field: (_, at, length) => {
        name = view(at, length)
        return 0
      },
      wasm_on_header_value: (_, at, length) => {
        message.headers.push(name.latin1Slice().toLowerCase(), view(at, length).latin1Slice())
        return 0
      },
      wasm_on_headers_complete: (_, status) => {
        message.code = role === 'response' ? status : c.llhttp_get_method(parser)
        return 0
      },
      wasm_on_body: (_, at, length) => {
        message.body.push(view(at, length))
        return 0
      },
      wasm_on_message_complete: () => {
        found.push(message)
        return 0
      }
    }
  })
  const parser = c.llhttp_alloc(role === 'response' ? 2 : 1)
  base = c.malloc(65536)
  return (data) => {
    current = data
    found = []
    new Uint8Array(c.memory.buffer, base, data.length).set(data)
    if (c.llhttp_execute(parser, base, data.length) !== 0) throw new Error('refused')
    return found
  }
}

function whole (role) {
  const { Parser } = load(readFileSync(llmsgPath))
  const parser = new Parser(role)
  return (data) => {
    const found = []
    for (const event of parser.parse(data)) {
      if (event.kind === KIND.HEAD) {
        found.push({ code: event.code, text: event.text, headers: event.headers, body: [] })
      } else if (event.kind === KIND.DATA) {
        found.at(-1).body.push(event.data)
      }
    }
    return found
  }
}

// ---- Same result, then time ----

const buffers = []
const input = readFileSync(0)
for (let at = 0; at < input.length;) {
  const start = input.indexOf('\n', at) + 1
  at = start + Number(input.latin1Slice(at, start))
  buffers.push(input.subarray(start, at))
}

const role = buffers[0].latin1Slice(0, 5) === 'HTTP/' ? 'response' : 'request'
const ways = [callbacks(role), whole(role)]
for (const data of buffers) {
  const [first, second] = ways.map((way) => JSON.stringify(way(data).map((m) =>
    ({ ...m, body: Buffer.concat(m.body).toString('latin1') }))))
  if (first !== second || first === '[]') throw new Error('the two ways differ')
}

const passes = Math.ceil(1000 / buffers.length)
let kept
function measure (way) {
  const start = process.hrtime.bigint()
  for (let i = 0; i < passes; i++) {
    for (const data of buffers) kept = way(data)
  }
  return Number(process.hrtime.bigint() - start) / passes / buffers.length
}
const least = [Infinity, Infinity]
for (let round = 0; round < Number(rounds); round++) {
  ways.forEach((way, i) => { least[i] = Math.min(least[i], measure(way)) })
}
console.log(least.map(Math.round).join(' '), kept.length > 0 ? '' : 'nothing')
