// libllmsg from Node, through WebAssembly and csrc/wasm/llmsg.mjs.
//
//     node llmsg.mjs llmsg.wasm request|response [PIECE] < stream
//
// prints the messages of a stream, fed in pieces of so many bytes.
import { readFileSync } from 'node:fs'
import { KIND, STOP, load } from '../../csrc/wasm/llmsg.mjs'

const [, , path, role, piece = '0'] = process.argv
const { Parser } = load(readFileSync(path))

const show = (text) => Buffer.from(text, 'latin1').toString('hex') || '-'

function write (events) {
  for (const event of events) {
    if (event.kind === KIND.DATA) {
      console.log('data', show(event.data))
      continue
    }
    if (event.kind === KIND.HEAD) {
      const parts = [event.text, event.path, event.query, event.host].map(show)
      const version = `${event.httpMajor}.${event.httpMinor}`
      console.log('head', event.code, version, event.flags, event.contentLength, ...parts)
    } else {
      console.log('end')
    }
    const { ids, rawHeaders } = event
    ids.forEach((id, i) =>
      console.log('field', id, show(rawHeaders[2 * i]), show(rawHeaders[2 * i + 1])))
  }
}

const parser = new Parser(role)
const stream = readFileSync(0)
const step = Number(piece) || Math.max(stream.length, 1)
for (let at = 0; at < stream.length && parser.stop === STOP.OK; at += parser.taken) {
  write(parser.parse(stream.subarray(at, at + step)))
}
if (parser.stop === STOP.OK) write(parser.finish())
console.log('stop', parser.stop, parser.offset)
if (parser.stop === STOP.ERROR) {
  const { code, limit, offset, status, name, reason } = parser.error
  console.log(`error ${code} ${limit} ${offset} ${status} ${name} ${reason}`.trimEnd())
}
parser.free()
