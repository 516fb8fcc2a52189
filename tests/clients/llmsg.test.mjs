// llmsg.test.mjs - what csrc/wasm/llmsg.mjs does beyond parsing a stream.
//
//     LLMSG_WASM=llmsg.wasm node --test llmsg.test.mjs
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { FLAG, KIND, STOP, load } from '../../csrc/wasm/llmsg.mjs'

const { Parser, fieldName, methodName } = load(readFileSync(process.env.LLMSG_WASM))
const GET = Buffer.from('GET /a?b HTTP/1.1\r\nHost: h\r\n\r\n')
const UPGRADE = Buffer.from(
  'GET / HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n')

test('options', () => {
  assert.throws(() => new Parser('request', { nonsense: 1 }), /no such option/)
  assert.throws(() => new Parser('request', { strict: 2 }), /strict is neither/)
  assert.throws(() => new Parser('neither'), /role is neither/)
  const parser = new Parser('request', { head_limit: 10 })
  parser.parse(GET)
  assert.equal(parser.error.status, 431)
  assert.equal(parser.error.offset, 10)
})

test('a limit beyond 32 bits', () => {
  const parser = new Parser('request', { body_limit: 2 ** 32 + 1 })
  parser.parse(Buffer.from('PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 4294967297\r\n\r\n'))
  assert.equal(parser.stop, STOP.OK)
  parser.reset()
  parser.parse(Buffer.from('PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 4294967298\r\n\r\n'))
  assert.equal(parser.error.status, 413)
})

test('names', () => {
  const [head] = new Parser('request').parse(GET)
  assert.equal(methodName(head.code), 'GET')
  assert.deepEqual(head.ids.map(fieldName), ['host'])
  assert.deepEqual(head.headers, ['host', 'h'])
  assert.deepEqual(head.rawHeaders, ['Host', 'h'])
  const [other] = new Parser('response').parse(Buffer.from('HTTP/1.1 204 No\r\nX-Odd: 1\r\n\r\n'))
  assert.deepEqual(other.headers, ['x-odd', '1'])
})

test('lines that come again', () => {
  const stream = (accept, cookie) => Buffer.from(
    `GET / HTTP/1.1\r\nHost: h\r\nAccept: ${accept}\r\nX-Odd: \u0022\r\nCookie: ${cookie}\r\n\r\n`)
  const heads = []
  for (let i = 0; i < 6; i++) {
    for (const accept of ['a', 'b']) heads.push(...new Parser('request').parse(stream(accept, i)))
  }
  const [host, accept, , cookie] = heads.at(-1).lines
  assert.ok(host % 2 === 1 && accept % 2 === 1 && cookie !== 0 && cookie % 2 === 0)
  assert.notEqual(heads.at(-2).lines[1], accept)
  assert.equal(heads.at(-3).lines[1], accept)
  heads.forEach((head, i) => {
    const accept = i % 2 ? 'b' : 'a'
    const cookie = String(Math.floor(i / 2))
    // Twice: what was remembered meanwhile changes nothing.
    for (const headers of [head.headers, head.headers]) {
      assert.deepEqual(headers, ['host', 'h', 'accept', accept, 'x-odd', '"', 'cookie', cookie])
    }
  })
})

test('upgrade and resume', () => {
  const parser = new Parser('request')
  const [head] = parser.parse(Buffer.concat([UPGRADE, GET]))
  assert.ok(head.flags & FLAG.UPGRADE)
  assert.equal(parser.stop, STOP.UPGRADED)
  assert.equal(parser.taken, UPGRADE.length)
  parser.resume()
  assert.equal(parser.parse(GET).length, 1)
})

test('pause', () => {
  const parser = new Parser('request', { pause_after_message: 1 })
  assert.equal(parser.parse(Buffer.concat([GET, GET])).length, 1)
  assert.equal(parser.stop, STOP.PAUSED)
  assert.equal(parser.taken, GET.length)
})

test('expect', () => {
  const parser = new Parser('response')
  parser.expect('HEAD')
  const [head] = parser.parse(Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n'))
  assert.ok(head.flags & FLAG.COMPLETE)
  assert.throws(() => new Parser('request').expect('GET'), TypeError)
})

test('content is a part of the data', () => {
  const data = Buffer.from('PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi')
  const [, content] = new Parser('request').parse(data)
  assert.equal(content.kind, KIND.DATA)
  assert.equal(content.data.buffer, data.buffer)
})

test('memory that grows', () => {
  const parser = new Parser('request')
  const length = 8 << 20
  const start = `PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: ${length}\r\n\r\n`
  const data = Buffer.concat([Buffer.from(start), Buffer.alloc(length, 'x')])
  const [head, content, end] = parser.parse(data)
  assert.equal(head.contentLength, length)
  assert.equal(content.data.length, length)
  assert.equal(end.kind, KIND.END)
  assert.equal(new Parser('request').parse(GET)[0].query, 'b')
})

test('many parsers take no more memory once they are freed', () => {
  for (let i = 0; i < 20000; i++) {
    const parser = new Parser('request')
    parser.parse(GET)
    parser.free()
  }
})
