// try.mjs - the page to try the parser in: reads the form, parses, shows what comes out.

import { FLAG, KIND, STOP, load } from './llmsg.mjs'

// The lenient flags of llmsg.h, from bit 0 on.
const LENIENT = [
  'headers', 'chunked-length', 'keep-alive', 'transfer-encoding', 'version',
  'data-after-close', 'optional-lf-after-cr', 'optional-crlf-after-chunk',
  'optional-cr-before-lf', 'spaces-after-chunk-size', 'header-value-relaxed'
]
const ESCAPES = { r: 13, n: 10, t: 9, '\\': 92 }
const CUT = '✂'

const $ = (id) => document.getElementById(id)

// What is typed, as bytes in pieces.
function pieces (text, bytewise) {
  const cuts = text.split(CUT).map((part) => Uint8Array.from(bytesOf(part)))
  if (!bytewise) return cuts
  return cuts.flatMap((piece) => Array.from(piece, (byte) => Uint8Array.of(byte)))
}

function * bytesOf (text) {
  for (const [token, hex, letter] of text.matchAll(/\\x([0-9a-fA-F]{2})|\\([rnt\\])|\n|[^]/gu)) {
    if (hex) yield parseInt(hex, 16)
    else if (letter) yield ESCAPES[letter]
    else if (token === '\n') yield * [13, 10]
    else yield * new TextEncoder().encode(token)
  }
}

function escape (bytes) {
  return Array.from(bytes, (byte) => {
    const known = { 13: '\\r', 10: '\\n', 9: '\\t', 92: '\\\\' }[byte]
    if (known) return known
    if (byte >= 32 && byte < 127) return String.fromCharCode(byte)
    return '\\x' + byte.toString(16).padStart(2, '0')
  }).join('')
}

const quoted = (text) => `"${escape(Uint8Array.from(text, (c) => c.charCodeAt(0)))}"`

function * fieldLines (headers) {
  for (let i = 0; i < headers.length; i += 2) {
    yield `  ${quoted(headers[i])}: ${quoted(headers[i + 1])}`
  }
}

function * eventLines (event, role, methodName) {
  if (event.kind === KIND.HEAD) {
    const code = role === 'request' ? methodName(event.code) : event.code
    const set = Object.keys(FLAG).filter((name) => event.flags & FLAG[name])
    yield `${role} ${code} ${quoted(event.text)} HTTP/${event.httpMajor}.${event.httpMinor}`
    yield * fieldLines(event.headers)
    yield `  (${set.join(', ').toLowerCase().replaceAll('_', ' ')})`
  } else if (event.kind === KIND.DATA) {
    yield `content "${escape(event.data)}"`
  } else {
    yield 'end of message'
    yield * fieldLines(event.headers)
  }
}

// The line of the input that has the error, with its byte marked.
function picture (stream, offset) {
  const start = stream.lastIndexOf(10, Math.max(offset - 1, 0)) + 1
  const end = stream.indexOf(10, offset)
  const column = escape(stream.slice(start, offset)).length
  const line = stream.slice(start, end < 0 ? stream.length : end + 1)
  return [`  | ${escape(line)}`, `  | ${' '.repeat(column)}^`]
}

function * errorLines (error, stream) {
  yield `error: ${error.reason} (${error.name}, ${error.code})`
  yield `  at offset ${error.offset}; a server answers with status ${error.status}`
  yield * picture(stream, error.offset)
}

function optionsOf () {
  const strict = $('strict').checked
  const boxes = [...$('lenient').querySelectorAll('input')]
  const lenient = boxes.reduce((bits, box, bit) => bits | (box.checked ? 1 << bit : 0), 0)
  return strict ? { strict: 1 } : { strict: 0, lenient }
}

// Each line that is shown, with its class.
function * run ({ Parser, methodName }) {
  const role = $('role').value
  const parser = new Parser(role, optionsOf())
  if (role === 'response') parser.expect($('method').value)
  const cut = pieces($('message').value, $('bytewise').checked)
  const stream = cut.flatMap((piece) => Array.from(piece))
  const steps = cut.map((piece) => () => parser.parse(piece))
  if ($('finish').checked) steps.push(() => parser.finish())
  let fed = 0
  for (const [place, step] of steps.entries()) {
    const events = step()
    if (cut.length > 1 && !$('bytewise').checked && place < cut.length) {
      yield ['piece', `-- ${cut[place].length} bytes from offset ${fed}`]
    }
    fed += cut[place]?.length ?? 0
    for (const event of events) {
      for (const line of eventLines(event, role, methodName)) yield ['', line]
    }
    if (parser.stop === STOP.ERROR) {
      for (const line of errorLines(parser.error, stream)) yield ['error', line]
    } else if (parser.stop === STOP.UPGRADED) {
      yield ['', `upgrade: "${escape(stream.slice(parser.offset))}" is of another protocol`]
    }
    if (parser.stop !== STOP.OK) break
  }
  parser.free()
}

function show (module) {
  for (const box of $('lenient').querySelectorAll('input')) box.disabled = $('strict').checked
  $('method').disabled = $('role').value === 'request'
  const lines = Array.from(run(module), ([kind, text]) => {
    const line = document.createElement('span')
    line.className = kind
    line.textContent = text + '\n'
    return line
  })
  $('events').replaceChildren(...lines)
}

function cutAtCursor () {
  const area = $('message')
  area.setRangeText(CUT, area.selectionStart, area.selectionEnd, 'end')
  area.focus()
}

for (const name of LENIENT) {
  const label = document.createElement('label')
  const box = document.createElement('input')
  box.type = 'checkbox'
  box.name = name
  label.append(box, ` ${name}`)
  $('lenient').append(label)
}

const module = load(await WebAssembly.compileStreaming(fetch('llmsg.wasm')))
$('cut').addEventListener('click', () => { cutAtCursor(); show(module) })
document.addEventListener('input', () => show(module))
show(module)
