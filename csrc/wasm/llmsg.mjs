// llmsg.mjs - whole HTTP/1 messages in JavaScript: libllmsg as WebAssembly.
//
//     import { readFileSync } from 'node:fs'
//     import { load } from './llmsg.mjs'
//     const { Parser } = load(readFileSync('llmsg.wasm'))
//     const parser = new Parser('request', { head_limit: 32768 })
//     for (const event of parser.parse(chunk)) ...
//     if (parser.stop === STOP.ERROR) ...
//
// llmsg.h is the reference. The memory of a parser is freed by free(), or when the
// parser is collected.

export const STOP = { OK: 0, PAUSED: 1, UPGRADED: 2, ERROR: 3, NO_MEMORY: 4, MISUSE: 5 }
export const KIND = { HEAD: 1, DATA: 2, END: 3 }
export const FLAG = {
  KEEP_ALIVE: 1,
  UPGRADE: 2,
  EXPECT_CONTINUE: 4,
  CHUNKED: 8,
  HAS_CONTENT_LENGTH: 16,
  COMPLETE: 32,
  HAS_HOST: 64
}
const GATHERED = 128
const ROLES = { request: 1, response: 2 }

// Sizes and places, in 32-bit words; docs/llmsg.md has them in bytes.
const OPTIONS_SIZE = 72
const EVENT = 20
const FIELD = 5
const OPTIONS = {
  strict: 3,
  lenient: 4,
  pause_after_message: 5,
  body_limit: 6, // 64 bits
  start_line_limit: 8,
  header_line_limit: 9,
  header_count_limit: 10,
  head_limit: 11,
  chunk_line_limit: 12,
  trailers_limit: 13,
  informational_limit: 14
}

// Bytes as a string, one character for each.
const latin1 = globalThis.Buffer
  ? (bytes, from, to) =>
      Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).latin1Slice()
  : (bytes, from, to) => {
      let text = ''
      for (let i = from; i < to; i++) text += String.fromCharCode(bytes[i])
      return text
    }

const number64 = (words, at) => words[at] + words[at + 1] * 2 ** 32

class Head {
  constructor (words, at, text, start) {
    const part = (place) => {
      const from = words[at + place] - start
      return text.slice(from, from + words[at + place + 1])
    }
    const version = words[at + 7]
    this.kind = KIND.HEAD
    this.flags = words[at + 1] & ~GATHERED
    this.code = words[at + 6] // a number of a method, or a status code
    this.httpMajor = version & 0xffff
    this.httpMinor = version >>> 16
    this.text = part(2) // the target, or the reason phrase
    this.contentLength = number64(words, at + 8)
    this.path = part(12)
    this.query = part(14)
    this.host = part(16)
    this.ids = [] // enum llmsg_field
    this.headers = [] // names as they were received, and values: n, v, n, v
  }
}

// Compiles the module (bytes, or a WebAssembly.Module). Returns its parsers and names.
export function load (source) {
  const module = source instanceof WebAssembly.Module ? source : new WebAssembly.Module(source)
  const { exports: c } = new WebAssembly.Instance(module, {})
  let words = new Uint32Array(c.memory.buffer)
  let bytes = new Uint8Array(c.memory.buffer)
  let input = 0
  let capacity = 0

  // Memory that grows leaves the old views empty.
  function look () {
    if (words.buffer === c.memory.buffer) return
    words = new Uint32Array(c.memory.buffer)
    bytes = new Uint8Array(c.memory.buffer)
  }

  function allocate (size) {
    const place = c.malloc(size)
    look()
    if (place === 0) throw new RangeError('WebAssembly memory exhausted')
    return place
  }

  // All parsers share a place for their input.
  function write (data) {
    if (data.length > capacity) {
      c.free(input)
      capacity = 0
      input = allocate(Math.max(data.length, 65536))
      capacity = Math.max(data.length, 65536)
    }
    bytes.set(data, input)
  }

  function string (place) {
    if (place === 0) return null
    return latin1(bytes, place, bytes.indexOf(0, place))
  }

  const names = new Map()
  function fieldName (id) {
    if (!names.has(id)) names.set(id, string(c.llmsg_field_name(id)))
    return names.get(id)
  }

  function writeOptions (options) {
    const place = allocate(OPTIONS_SIZE)
    c.llmsg_options_init(place, OPTIONS_SIZE)
    for (const [name, value] of Object.entries(options)) {
      const at = OPTIONS[name]
      if (at === undefined) throw new TypeError(`no such option: ${name}`)
      words[place / 4 + at] = Number(value)
      if (name === 'body_limit') words[place / 4 + at + 1] = Math.floor(value / 2 ** 32)
    }
    return place
  }

  const registry = new FinalizationRegistry((parser) => c.llmsg_free(parser))

  class Parser {
    #parser
    #result // in words

    // options: members of llmsg_options_t that differ from the defaults
    constructor (role, options = {}) {
      const place = writeOptions(options)
      this.#parser = c.llmsg_new(ROLES[role] ?? 0, place)
      look()
      const wrong = this.#parser === 0 ? string(c.llmsg_check(ROLES[role] ?? 0, place)) : null
      c.free(place)
      if (wrong !== null) throw new RangeError(wrong)
      if (this.#parser === 0) throw new RangeError('WebAssembly memory exhausted')
      this.#result = c.llmsg_result(this.#parser) / 4
      registry.register(this, this.#parser, this)
    }

    free () {
      registry.unregister(this)
      c.llmsg_free(this.#parser)
      this.#parser = 0
    }

    // The events that these bytes complete. Content is a part of `data`, not a copy,
    // unless chunks were joined.
    parse (data) {
      write(data)
      c.llmsg_parse(this.#parser, input, data.length)
      look()
      return this.#events(data)
    }

    finish () {
      c.llmsg_finish(this.#parser)
      look()
      return this.#events(new Uint8Array(0))
    }

    resume () {
      c.llmsg_resume(this.#parser)
    }

    reset () {
      if (c.llmsg_reset(this.#parser) !== 0) throw new RangeError('WebAssembly memory exhausted')
      look()
    }

    // method: as on the wire
    expect (method, upgrade = false) {
      const special = { HEAD: 2, CONNECT: 5 }[method] ?? 1 // no other matters
      if (c.llmsg_expect(this.#parser, special, Number(upgrade)) !== 0) {
        throw new TypeError('a parser of requests expects no responses, or memory is exhausted')
      }
    }

    get stop () {
      return words[this.#result + 1]
    }

    get taken () {
      return words[this.#result + 10]
    }

    get offset () {
      return number64(words, this.#result + 8)
    }

    get reason () {
      return string(words[this.#result + 21])
    }

    // What the stream was refused for, after STOP.ERROR; else null.
    get error () {
      const at = this.#result
      if (this.stop !== STOP.ERROR) return null
      return {
        code: words[at + 12],
        name: string(words[at + 20]),
        limit: words[at + 13],
        status: words[at + 14],
        offset: number64(words, at + 16),
        reason: this.reason
      }
    }

    #events (data) {
      const events = []
      let at = words[this.#result + 4] / 4
      for (let left = words[this.#result + 2]; left > 0; left--, at += EVENT) {
        events.push(this.#event(at, data))
      }
      return events
    }

    #event (at, data) {
      const source = words[at + 1] & GATHERED ? words[this.#result + 6] : input
      const kind = words[at]
      if (kind === KIND.DATA) {
        const start = words[at + 2]
        const end = start + words[at + 3]
        if (source === input) return { kind, data: data.subarray(start, end) }
        return { kind, data: bytes.slice(source + start, source + end) }
      }
      if (kind === KIND.END) {
        const end = { kind, ids: [], headers: [] }
        if (words[at + 5] > 0) {
          const [start, past] = this.#span(at)
          this.#fields(at, latin1(bytes, source + start, source + past), start, end)
        }
        return end
      }
      // One string for all of the head, and parts of it: cheaper than one for each.
      const start = words[at + 10]
      const text = latin1(bytes, source + start, source + start + words[at + 11])
      const head = new Head(words, at, text, start)
      this.#fields(at, text, start, head)
      return head
    }

    // Where the first field of an event begins, and the last one ends.
    #span (at) {
      const first = words[this.#result + 5] / 4 + words[at + 4] * FIELD
      const last = first + (words[at + 5] - 1) * FIELD
      return [words[first + 1], words[last + 3] + words[last + 4]]
    }

    #fields (at, text, start, event) {
      const { ids, headers } = event
      let field = words[this.#result + 5] / 4 + words[at + 4] * FIELD
      for (let left = words[at + 5]; left > 0; left--, field += FIELD) {
        const name = words[field + 1] - start
        const value = words[field + 3] - start
        ids.push(words[field])
        headers.push(text.slice(name, name + words[field + 2]), text.slice(value, value + words[field + 4]))
      }
    }
  }

  return { Parser, fieldName, methodName: (code) => string(c.llmsg_method_name(code)) }
}
