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
const LISTS = 1024 // how many to keep

const number64 = (words, at) => words[at] + words[at + 1] * 2 ** 32

// For so few numbers an array is made faster than another Uint32Array.
function copy (words, from, count) {
  const made = new Array(count)
  for (let i = 0; i < count; i++) made[i] = words[from + i]
  return made
}

// Parts of a string keep all of it alive; copies do not.
const copyOf = (text) => JSON.parse(JSON.stringify(text))

// The lines of a head, or of trailers, without the values that vary.
class List {
  constructor (words, at, lines, part, nameOf) {
    this.lines = lines
    this.ids = []
    this.rawHeaders = []
    this.headers = []
    this.varying = [] // which lines have no value here
    lines.forEach((line, i) => {
      const [id, name, nameLength, value, valueLength] = copy(words, at + i * FIELD, FIELD)
      const raw = part(name, nameLength)
      const text = line & 1 ? part(value, valueLength) : ''
      if ((line & 1) === 0) this.varying.push(i)
      this.ids.push(id)
      this.rawHeaders.push(raw, text)
      this.headers.push(nameOf(id) || raw.trimEnd().toLowerCase(), text)
    })
  }

  // Is it that of the lines there?
  isOf (words, at, count) {
    if (this.lines.length !== count) return false
    for (let i = 0; i < count; i++) if (this.lines[i] !== words[at + i]) return false
    return true
  }
}

// Lists all of whose lines have numbers, and that came at least twice. As a number is
// never used for another line, what they contain stays right.
class Lists {
  #lists = new Map()
  #seen = new Set()

  // Of `count` lines, with these numbers and fields; `part` makes strings.
  find (words, numbers, fields, count, part, nameOf) {
    let hash = count
    let known = true
    for (let i = 0; i < count; i++) {
      hash = (Math.imul(hash, 31) + words[numbers + i]) | 0
      if (words[numbers + i] === 0) known = false
    }
    const list = this.#lists.get(hash)
    if (list !== undefined && list.isOf(words, numbers, count)) return list
    const again = known && this.#seen.has(hash)
    if (this.#seen.size >= LISTS) this.#seen.clear()
    if (known) this.#seen.add(hash)
    const kept = again ? (at, length) => copyOf(part(at, length)) : part
    const made = new List(words, fields, copy(words, numbers, count), kept, nameOf)
    if (again) this.#add(hash, made)
    return made
  }

  #add (hash, list) {
    if (this.#lists.size >= LISTS) this.#lists.clear()
    this.#lists.set(hash, list)
  }
}

// Fields of a head, or trailers. One string has all of them; what varies in them is a
// part of it, made when it is asked for.
class Section {
  #text
  #start // where that is, for the offsets
  #list
  #values // place and length of each that varies

  constructor (kind, text, start, list, words, fields) {
    this.kind = kind
    this.#text = text
    this.#start = start
    this.#list = list
    const { varying } = list
    const values = new Array(varying.length * 2)
    for (let k = 0; k < varying.length; k++) {
      const at = fields + varying[k] * FIELD
      values[2 * k] = words[at + 3] - start
      values[2 * k + 1] = words[at + 3] + words[at + 4] - start
    }
    this.#values = values
  }

  _part (at, length) {
    at -= this.#start
    return this.#text.slice(at, at + length)
  }

  #fill (known) {
    const made = known.slice()
    const { varying } = this.#list
    for (let k = 0; k < varying.length; k++) {
      made[2 * varying[k] + 1] = this.#text.slice(this.#values[2 * k], this.#values[2 * k + 1])
    }
    return made
  }

  // enum llmsg_field, for each field
  get ids () {
    return this.#list.ids.slice()
  }

  // The number of each line, the same whenever it comes again; 0 for none
  get lines () {
    return this.#list.lines.slice()
  }

  // Names in lower case, and values: n, v, n, v
  get headers () {
    return this.#fill(this.#list.headers)
  }

  // The same with names as they were received
  get rawHeaders () {
    return this.#fill(this.#list.rawHeaders)
  }
}

class Head extends Section {
  #event

  constructor (event, text, list, words, fields) {
    super(KIND.HEAD, text, event[10], list, words, fields)
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

  // Where the text of these fields begins and ends.
  function ends (fields, count) {
    if (count === 0) return [0, 0]
    const last = fields + (count - 1) * FIELD
    return [words[fields + 1], words[last + 3] + words[last + 4]]
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
    return (roles[role] = { lexicon, lists: new Lists() })
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
      const fields = words[this.#result + 5] / 4 + words[at + 4] * FIELD
      const [start, end] = kind === KIND.HEAD ? [words[at + 10], words[at + 10] + words[at + 11]] : ends(fields, count)
      const text = latin1(bytes, source + start, source + end)
      const list = this.#listOf(words[this.#result + LINES] / 4 + words[at + 4], fields, count, text, start)
      if (kind !== KIND.HEAD) return new Section(kind, text, start, list, words, fields)
      return new Head(copy(words, at, EVENT), text, list, words, fields)
    }

    #listOf (numbers, fields, count, text, start) {
      const part = (at, length) => text.slice(at - start, at - start + length)
      return this.#shared.lists.find(words, numbers, fields, count, part, fieldName)
    }
  }

  return { Parser, fieldName, methodName: (code) => string(c.llmsg_method_name(code)) }
}
