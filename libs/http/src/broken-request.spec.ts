import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { brokenRequest } from './broken-request';

describe('What is no request', () => {
  let server: Server;
  let code = '';
  let isSilent = false;
  beforeAll(async () => {
    // As Node tells of it: when the first bytes have come, or none after their time.
    server = createServer((socket) => {
      const tell = () => brokenRequest(Object.assign(new Error('no request'), { code }), socket);
      if (isSilent) tell();
      else socket.once('data', tell);
      socket.resume();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  const answerTo = async (bytes: string): Promise<string> => {
    isSilent = bytes === '';
    const { port } = server.address() as AddressInfo;
    return new Promise((resolve) => {
      let got = '';
      const socket = connect(port, '127.0.0.1', () => bytes !== '' && socket.write(bytes));
      socket.on('data', (part) => (got += part.toString()));
      socket.on('error', () => undefined);
      socket.on('close', () => resolve(got));
    });
  };

  it.each([
    ['HPE_INVALID_METHOD', 400, 'request.malformed'],
    ['HPE_HEADER_OVERFLOW', 431, 'request.malformed'],
    ['ERR_HTTP_REQUEST_TIMEOUT', 408, 'request.too_slow'],
  ])('is answered by its kind: %s', async (error, status, told) => {
    code = error;
    const answer = await answerTo('GET / HT');
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toMatchObject({ status, code: told });
  });

  it('is not answered where nothing was asked: it would stand for the answer to what is asked next', async () => {
    code = 'ERR_HTTP_REQUEST_TIMEOUT';
    expect(await answerTo('')).toBe('');
  });
});
