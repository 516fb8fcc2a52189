// undici.js - undici, unmodified, with our module in place of its own.
//
//     node undici.js [llhttp.wasm]
//
// Requests resources from a server that writes raw responses, and prints what
// came of it as JSON. Without an argument undici uses its own module.
const { readFileSync } = require('node:fs')
const { createServer } = require('node:net')
const { dirname, join } = require('node:path')

const root = dirname(require.resolve('undici/package.json'))
let used = 0
if (process.argv[2]) {
  const ours = readFileSync(process.argv[2])
  for (const name of ['llhttp-wasm.js', 'llhttp_simd-wasm.js']) {
    const filename = join(root, 'lib', 'llhttp', name)
    require.cache[filename] = {
      id: filename,
      filename,
      loaded: true,
      get exports () { used++; return ours }
    }
  }
}
const { Client } = require('undici')

const RESPONSES = {
  '/length': ['HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: b\r\n\r\nhello'],
  '/chunked': ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel',
    'lo\r\n1;a="b"\r\n!\r\n0\r\nX-Trailer: c\r\n\r\n'],
  '/eof': ['HTTP/1.0 200 OK\r\n\r\nuntil the end'],
  '/informational': ['HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n',
    'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n'],
  '/no-content': ['HTTP/1.1 204 No Content\r\n\r\n'],
  '/upgrade': ['HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\n' +
    'Upgrade: echo\r\n\r\nraw'],
  '/bad-length': ['HTTP/1.1 200 OK\r\nContent-Length: 1x\r\n\r\n'],
  '/bad-chunk': ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'],
  '/smuggled': ['HTTP/1.1 200 OK\r\nContent-Length: 1\r\n' +
    'Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  '/cut-off': ['HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf']
}
const CLOSES = ['/eof', '/cut-off']

const server = createServer((socket) => {
  socket.on('error', () => {})
  socket.once('data', async (request) => {
    const path = request.toString('latin1').split(' ')[1]
    for (const piece of RESPONSES[path]) {
      socket.write(piece)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    if (CLOSES.includes(path)) socket.end()
  })
})

async function ask (client, path) {
  if (path === '/upgrade') {
    const { headers, socket } = await client.upgrade({ path, protocol: 'echo' })
    const raw = await new Promise((resolve) => socket.once('data', resolve))
    socket.destroy()
    return { headers, raw: raw.toString() }
  }
  const { statusCode, headers, trailers, body } =
    await client.request({ path, method: 'GET' })
  return { statusCode, headers, body: await body.text(), trailers }
}

server.listen(0, '127.0.0.1', async () => {
  const answers = {}
  for (const path of Object.keys(RESPONSES)) {
    const client = new Client(`http://127.0.0.1:${server.address().port}`)
    answers[path] = await ask(client, path).catch(
      ({ name, code, message, data }) => ({ name, code, message, data })
    )
    await client.destroy()
  }
  console.log(JSON.stringify({ used, answers }))
  server.close()
})
