// A stand-in for Docker's API whose answers are tampered with on their way.
import { createServer, request as ask } from 'node:http';
import { connect } from 'node:net';

const HUGE_BYTES = 100_000_000;
const head = (status, fields = '') => `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\n${fields}`;
const whole = (text, status = '200 OK') =>
  `${head(status, `Content-Length: ${Buffer.byteLength(text)}\r\n`)}\r\n${text}`;
const half = (body) => `${head('200 OK', `Content-Length: ${body.length * 2 + 10}\r\n`)}\r\n${body.toString('latin1')}`;

/** How an answer is tampered with: what is written to the connection in its place. */
const DEEDS = {
  'never comes': () => undefined,
  'is a closed connection': (socket) => socket.destroy(),
  'ends in the middle': (socket, body) => socket.end(half(body)),
  'stops in the middle': (socket, body) => socket.write(half(body)),
  'comes with one byte a second': (socket, body) => drip(socket, whole(body.toString('latin1'))),
  'redirects elsewhere': (socket) =>
    socket.end(head('301 Moved', 'Location: /v1.41/elsewhere\r\nContent-Length: 0\r\n\r\n')),
  'redirects to itself': (socket, _, url) =>
    socket.end(head('307 Temporary', `Location: ${url}\r\nContent-Length: 0\r\n\r\n`)),
  'is an HTML page': (socket) => socket.end(whole('<html><body>502 Bad Gateway</body></html>', '502 Bad Gateway')),
  'is empty': (socket) => socket.end(whole('')),
  'is null': (socket) => socket.end(whole('null')),
  'is a number': (socket) => socket.end(whole('7')),
  'is an empty list': (socket) => socket.end(whole('[]')),
  'is an empty object': (socket) => socket.end(whole('{}')),
  'has values of other types': (socket, body) => socket.end(whole(otherTypes(body))),
  'is nested 100,000 times': (socket) => socket.end(whole('['.repeat(100_000))),
  'has 100 MB': (socket) => huge(socket),
  'has no end': (socket) => endless(socket),
  'is not HTTP': (socket) => socket.end('\0\u001b[2J garbage\r\n\r\n'),
  'has a head of 1 MB': (socket) => socket.end(head('200 OK', `X-A: ${'a'.repeat(1_000_000)}\r\n\r\n{}`)),
  'is an error with control characters': (socket) =>
    socket.end(
      whole(JSON.stringify({ message: `\u001b[2J\u001b]0;t\u0007\r\0\u202egnp.exe\nbench: fake` }), '500 Error'),
    ),
};

/** Requests of bench, by method and path. */
const REQUESTS = {
  'the version': /^GET \/version/,
  'the system': /^GET \/info/,
  'the image': /^(?:GET|POST) \/images\//,
  'a created container': /^POST \/containers\/create/,
  'a started container': /^POST \/containers\/[^/]+\/start/,
  'the output': /^POST \/containers\/[^/]+\/attach/,
  'the wait': /^POST \/containers\/[^/]+\/wait/,
  'a container': /^GET \/containers\/[^/]+\/json/,
  'a removed container': /^DELETE \/containers\//,
  'the list of containers': /^GET \/containers\/json/,
};

/** Whether a request is tampered with from the first on, or only once the second block has begun. */
export const API_FAULTS = Object.entries(REQUESTS).flatMap(([what, pattern]) =>
  Object.entries(DEEDS).flatMap(([deed, write]) => [
    { kind: `Docker API: ${what}`, name: `${what} ${deed}`, pattern, write, late: false },
    ...(/container|output|wait/.test(what)
      ? [{ kind: `Docker API: ${what}`, name: `${what} ${deed} from block 1 on`, pattern, write, late: true }]
      : []),
  ]),
);

/** Listens at `socket`, passes everything on to `upstream`, and tampers with what matches the fault. */
export function startTampering(socket, upstream, { pattern, write, late }) {
  const connections = new Set();
  let hasBegun = !late;
  const server = createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const { method, url = '', headers } = request;
      hasBegun ||= /name=[^&]*-b1-/.test(url);
      const tampers = hasBegun && pattern.test(`${method} ${url.replace(/^\/v\d+\.\d+(?=\/)/, '')}`);
      const passed = ask({ socketPath: upstream, method, path: url, headers }, (answer) => {
        if (tampers)
          takeAll(answer, (body) => {
            // bench may have hung up meanwhile.
            if (response.socket !== null) write(response.socket, body, url);
          });
        else pass(answer, response);
      });
      passed.on('error', () => response.destroy()).end(Buffer.concat(chunks));
    });
  });
  server.on('upgrade', (request, client, first) => {
    const url = request.url ?? '';
    if (hasBegun && pattern.test(`${request.method} ${url.replace(/^\/v\d+\.\d+(?=\/)/, '')}`)) {
      write(client, Buffer.from('ok 1\n'), url);
      return;
    }
    const fields = Object.entries(request.headers).map(([name, value]) => `${name}: ${String(value)}\r\n`);
    const passed = connect(upstream, () => {
      passed.write(`${request.method} ${url} HTTP/1.1\r\n${fields.join('')}\r\n`);
      passed.write(first);
      passed.pipe(client).pipe(passed);
    });
    passed.on('error', () => client.destroy());
  });
  server.on('connection', (connection) => {
    connections.add(connection.on('error', () => undefined).on('close', () => connections.delete(connection)));
  });
  return new Promise((resolve) => {
    server.listen(socket, () => {
      resolve({
        stop: () => {
          server.close();
          for (const connection of connections) connection.destroy();
        },
      });
    });
  });
}

function pass(answer, response) {
  response.writeHead(answer.statusCode ?? 500, answer.headers);
  // That a wait has begun is told before it ends.
  response.flushHeaders();
  answer.pipe(response);
}

/** The body of an answer, which may have no end of its own: what came within a moment. */
function takeAll(answer, done) {
  const chunks = [];
  const finish = () => {
    clearTimeout(limit);
    done(Buffer.concat(chunks));
  };
  const limit = setTimeout(finish, 200);
  answer.on('data', (chunk) => chunks.push(chunk)).once('end', finish);
}

function otherTypes(body) {
  const other = (value) => {
    if (Array.isArray(value)) return { list: value };
    if (value === null) return { a: 1 };
    switch (typeof value) {
      case 'object':
        return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, other(one)]));
      case 'string':
        return 7;
      case 'number':
        return '7';
      default:
        return [value];
    }
  };
  try {
    return JSON.stringify(other(JSON.parse(body.toString('utf8'))));
  } catch {
    return '{"Id":7,"StatusCode":"7"}';
  }
}

function drip(socket, text) {
  let at = 0;
  const timer = setInterval(() => {
    if (at < text.length && !socket.destroyed) socket.write(text[at++]);
    else clearInterval(timer);
  }, 1000);
  socket.on('close', () => clearInterval(timer));
}

function huge(socket) {
  socket.write(head('200 OK', `Content-Length: ${HUGE_BYTES + 2}\r\n\r\n"`));
  pump(socket, HUGE_BYTES, () => socket.end('"'));
}

function endless(socket) {
  socket.write(head('200 OK', '\r\n'));
  pump(socket, Infinity, () => undefined);
}

/** Writes that many spaces, as fast as they are taken. */
function pump(socket, left, done) {
  const chunk = Buffer.alloc(Math.min(65_536, left), ' ');
  if (left === 0 || socket.destroyed) done();
  else socket.write(chunk, () => setImmediate(pump, socket, left - chunk.length, done));
}
