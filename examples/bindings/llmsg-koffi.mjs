// libllmsg from Node, natively, through koffi (from npm).
//
//     node llmsg-koffi.mjs libllmsg.so.1 request|response [PIECE] < stream
//
// prints the messages of a stream, fed in pieces of so many bytes. Numbers are read from
// the library's memory at their places (docs/llmsg.md).
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const koffi = createRequire(import.meta.url)('koffi')
const OK = 0
const ERROR = 3
const HEAD = 1
const DATA = 2
const GATHERED = 128
const EVENT = 80
const FIELD = 20

export function load (path) {
  const c = koffi.load(path)
  const make = c.func('void *llmsg_new(uint32_t role, void *options)')
  const free = c.func('void llmsg_free(void *parser)')
  const resultOf = c.func('void *llmsg_result(void *parser)')
  const parse = c.func('uint32_t llmsg_parse(void *parser, const uint8_t *data, size_t length)')
  const finish = c.func('uint32_t llmsg_finish(void *parser)')

  // Memory of the library, until the next call.
  const look = (place, length) => Buffer.from(koffi.view(place, length))
  const string = (place) => koffi.decode(place, 'char', -1)

  return class Parser {
    constructor (role) {
      this.parser = make({ request: 1, response: 2 }[role], null)
      this.result = look(resultOf(this.parser), 104)
    }

    free () {
      free(this.parser)
    }

    parse (data) {
      parse(this.parser, data, data.length)
      return this.events(data)
    }

    finish () {
      finish(this.parser)
      return this.events(Buffer.alloc(0))
    }

    get stop () {
      return this.result.readUInt32LE(4)
    }

    get offset () {
      return this.result.readBigUInt64LE(40)
    }

    get taken () {
      return this.result.readUInt32LE(48)
    }

    get error () {
      const numbers = [56, 60, 72, 64].map((at) => this.result.readUInt32LE(at))
      const texts = [88, 96].map((at) => string(this.result.readBigUInt64LE(at)))
      return [...numbers, ...texts]
    }

    events (data) {
      const count = this.result.readUInt32LE(8)
      if (count === 0) return []
      const memory = (at, length) =>
        length === 0 ? Buffer.alloc(0) : look(this.result.readBigUInt64LE(at), length)
      const events = memory(16, count * EVENT)
      const fields = memory(24, this.result.readUInt32LE(12) * FIELD)
      const gathered = memory(32, this.result.readUInt32LE(52))
      return Array.from({ length: count }, (_, i) => {
        const numbers = (at) => events.readUInt32LE(i * EVENT + at)
        return event(events, i * EVENT, fields, numbers(4) & GATHERED ? gathered : data)
      })
    }
  }
}

function event (events, place, fields, source) {
  const number = (at) => events.readUInt32LE(place + at)
  const part = (at) => source.latin1Slice(number(at), number(at) + number(at + 4))
  if (number(0) === DATA) return { kind: DATA, data: part(8), fields: [] }
  return {
    kind: number(0),
    flags: number(4) & ~GATHERED,
    code: number(24),
    version: `${events.readUInt16LE(place + 28)}.${events.readUInt16LE(place + 30)}`,
    contentLength: events.readBigUInt64LE(place + 32),
    text: part(8),
    path: part(48),
    query: part(56),
    host: part(64),
    fields: Array.from({ length: number(20) }, (_, i) => {
      const at = (number(16) + i) * FIELD
      const text = (from) => {
        const start = fields.readUInt32LE(at + from)
        return source.latin1Slice(start, start + fields.readUInt32LE(at + from + 4))
      }
      return { id: fields.readUInt32LE(at), name: text(4), value: text(12) }
    })
  }
}

// ---- The program ----

const [, , path, role, piece = '0'] = process.argv
const Parser = load(path)
const show = (text) => Buffer.from(text, 'latin1').toString('hex') || '-'

function write (events) {
  for (const e of events) {
    if (e.kind === HEAD) {
      const parts = [e.text, e.path, e.query, e.host].map(show).join(' ')
      console.log(`head ${e.code} ${e.version} ${e.flags} ${e.contentLength} ${parts}`)
    } else {
      console.log(e.kind === DATA ? `data ${show(e.data)}` : 'end')
    }
    for (const { id, name, value } of e.fields) console.log('field', id, show(name), show(value))
  }
}

const parser = new Parser(role)
const stream = readFileSync(0)
const step = Number(piece) || Math.max(stream.length, 1)
for (let at = 0; at < stream.length && parser.stop === OK; at += parser.taken) {
  write(parser.parse(stream.subarray(at, at + step)))
}
if (parser.stop === OK) write(parser.finish())
console.log(`stop ${parser.stop} ${parser.offset}`)
if (parser.stop === ERROR) console.log(`error ${parser.error.join(' ')}`.trimEnd())
parser.free()
