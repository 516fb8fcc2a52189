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
const OPTIONS_SIZE = 80
const LEXICON = 18
const LINES = 22 // in the result
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

// Bytes as a string, one character for each. `whole` makes what `latin1` reads.
const [whole, latin1] = globalThis.Buffer
  ? [(buffer) => Buffer.from(buffer), (bytes, from, to) => bytes.latin1Slice(from, to)]
  : [(buffer) => new Uint8Array(buffer), (bytes, from, to) => {
      let text = ''
      for (let i = from; i < to; i++) text += String.fromCharCode(bytes[i])
      return text
    }]

const crypto = globalThis.crypto ?? (await import('node:crypto')).webcrypto
const PLACES = 2048 // LLMSG_LINE_PLACES

const number64 = (words, at) => words[at] + words[at + 1] * 2 ** 32

// For so few numbers an array is made faster than another Uint32Array.
function copy (words, from, count) {
  const made = new Array(count)
  for (let i = 0; i < count; i++) made[i] = words[from + i]
  return made
}

// The strings that were made for lines that come again, by their numbers, which are never
// used for another line.
class Kept {
  #numbers = new Uint32Array(PLACES)
  #names = new Array(PLACES).fill('')
  #values = new Array(PLACES).fill('')

  has (line) {
    return line !== 0 && this.#numbers[line % PLACES] === line
  }

  name (line) {
    return this.#names[line % PLACES]
  }

  value (line) {
    return this.#values[line % PLACES]
  }

  add (line, name, value) {
    // Parts of a string keep all of it alive; copies do not.
    const copy = (text) => JSON.parse(JSON.stringify(text))
    this.#numbers[line % PLACES] = line
    this.#names[line % PLACES] = copy(name)
    this.#values[line % PLACES] = line & 1 ? copy(value) : ''
  }
}

// Fields of a head, or trailers. One string has all of them, and each is a part of it,
// made when it is asked for.
class Section {
  #text
  #start // where that is, for the offsets
  #places
  #lines
  #nameOf
  #kept

  constructor (kind, text, start, places, lines, { nameOf, kept }) {
    this.kind = kind
    this.#text = text
    this.#start = start
    this.#places = places
    this.#lines = lines
    this.#nameOf = nameOf
    this.#kept = kept
  }

  // Remembers a line if it has a number.
  #make (i) {
    const places = this.#places
    const at = i * FIELD
    const name = this.#nameOf(places[at]) || this._part(places[at + 1], places[at + 2]).trimEnd().toLowerCase()
    if (this.#lines[i] !== 0) this.#kept.add(this.#lines[i], name, this._part(places[at + 3], places[at + 4]))
    return name
  }

  _part (at, length) {
    at -= this.#start
    return this.#text.slice(at, at + length)
  }

  // enum llmsg_field, for each field
  get ids () {
    return Array.from({ length: this.#places.length / FIELD }, (_, i) => this.#places[i * FIELD])
  }

  // The number of each line, the same whenever it comes again; 0 for none
  get lines () {
    return [...this.#lines]
  }

  // Names in lower case, and values: n, v, n, v
  get headers () {
    const lines = this.#lines
    const kept = this.#kept
    const places = this.#places
    const made = new Array(lines.length * 2)
    for (let i = 0; i < lines.length; i++) {
      const line = lines[i]
      const known = kept.has(line)
      made[2 * i] = known ? kept.name(line) : this.#make(i)
      made[2 * i + 1] = known && line & 1 ? kept.value(line) : this._part(places[i * FIELD + 3], places[i * FIELD + 4])
    }
    return made
  }

  // The same with names as they were received
  get rawHeaders () {
    const places = this.#places
    const made = []
    for (let at = 0; at < places.length; at += FIELD) {
      made.push(this._part(places[at + 1], places[at + 2]), this._part(places[at + 3], places[at + 4]))
    }
    return made
  }
}

class Head extends Section {
  #event

  constructor (event, text, places, lines, shared) {
    super(KIND.HEAD, text, event[10], places, lines, shared)
    this.#event = event
    this.flags = event[1] & ~GATHERED
    this.code = event[6] // a number of a method, or a status code
  }

  get httpMajor () {
    return this.#event[7] & 0xffff
  }

  get httpMinor () {
    return this.#event[7] >>> 16
  }

  get contentLength () {
    return number64(this.#event, 8)
  }

  // The target, or the reason phrase
  get text () {
    return this._part(this.#event[2], this.#event[3])
  }

  get path () {
    return this._part(this.#event[12], this.#event[13])
  }

  get query () {
    return this._part(this.#event[14], this.#event[15])
  }

  get host () {
    return this._part(this.#event[16], this.#event[17])
  }
}

// Compiles the module (bytes, or a WebAssembly.Module). Returns its parsers and names.
export function load (source) {
  const module = source instanceof WebAssembly.Module ? source : new WebAssembly.Module(source)
  const { exports: c } = new WebAssembly.Instance(module, {})
  let words = new Uint32Array(c.memory.buffer)
  let bytes = whole(c.memory.buffer)
  let input = 0
  let capacity = 0

  // Memory that grows leaves the old views empty.
  function look () {
    if (words.buffer === c.memory.buffer) return
    words = new Uint32Array(c.memory.buffer)
    bytes = whole(c.memory.buffer)
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

  const names = []
  function fieldName (id) {
    return (names[id] ??= string(c.llmsg_field_name(id)))
  }

  // What the parsers of a role share: a lexicon, and the strings for its lines.
  const roles = {}
  function sharedBy (role) {
    if (!Object.keys(ROLES).includes(role)) throw new RangeError('role is neither request nor response')
    if (roles[role] !== undefined) return roles[role]
    const [key] = crypto.getRandomValues(new BigUint64Array(1))
    const lexicon = c.llmsg_lexicon_new(ROLES[role], key, 0, 0)
    look()
    if (lexicon === 0) throw new RangeError('WebAssembly memory exhausted')
    return (roles[role] = { lexicon, kept: new Kept(), nameOf: fieldName })
  }

  function writeOptions (options, lexicon) {
    const place = allocate(OPTIONS_SIZE)
    c.llmsg_options_init(place, OPTIONS_SIZE)
    words[place / 4 + LEXICON] = lexicon
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
    #shared

    // options: members of llmsg_options_t that differ from the defaults
    constructor (role, options = {}) {
      this.#shared = sharedBy(role)
      const place = writeOptions(options, this.#shared.lexicon)
      this.#parser = c.llmsg_new(ROLES[role], place)
      look()
      const wrong = this.#parser === 0 ? string(c.llmsg_check(ROLES[role], place)) : null
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
        return { kind, data: Uint8Array.prototype.slice.call(bytes, source + start, source + end) }
      }
      const count = words[at + 5]
      const first = words[at + 4]
      const places = copy(words, words[this.#result + 5] / 4 + first * FIELD, count * FIELD)
      const lines = copy(words, words[this.#result + LINES] / 4 + first, count)
      if (kind === KIND.HEAD) {
        const event = copy(words, at, EVENT)
        const text = latin1(bytes, source + event[10], source + event[10] + event[11])
        return new Head(event, text, places, lines, this.#shared)
      }
      const [start, end] = count === 0 ? [0, 0] : [places[1], places.at(-2) + places.at(-1)]
      const text = latin1(bytes, source + start, source + end)
      return new Section(kind, text, start, places, lines, this.#shared)
    }
  }

  return { Parser, fieldName, methodName: (code) => string(c.llmsg_method_name(code)) }
}
