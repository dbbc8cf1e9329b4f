import fc from 'fast-check';
import { HttpClient, OutboundAllowInvalid, OutboundGuard, type ResolveHost } from '@flow/platform';
import { localServer, type LocalServer } from '@flow/testing/platform';

/** Addresses of everything that is not the public internet, as literals; `PORT` is the port of a real local server. */
const LITERALS = [
  // Loopback, in the spellings that parsers have disagreed about.
  'http://127.0.0.1:PORT/',
  'https://127.0.0.1:PORT/',
  'http://127.1:PORT/',
  'http://127.0.1:PORT/',
  'http://2130706433:PORT/',
  'http://0x7f000001:PORT/',
  'http://0x7f.0.0.1:PORT/',
  'http://0x7f.1:PORT/',
  'http://0177.0.0.1:PORT/',
  'http://017700000001:PORT/',
  'http://0177.0x0.0.1:PORT/',
  'http://127.0.0.1.:PORT/',
  'http://①②⑦.⓪.⓪.①:PORT/',
  'http://127。0。0。1:PORT/',
  'http://%31%32%37.0.0.1:PORT/',
  'http://127.0.0.2:PORT/',
  'http://127.255.255.254:PORT/',
  'http://0.0.0.0:PORT/',
  'http://0:PORT/',
  'http://0.1.2.3:PORT/',
  'http://[::1]:PORT/',
  'http://[0:0:0:0:0:0:0:1]:PORT/',
  'http://[0000:0000:0000:0000:0000:0000:0000:0001]:PORT/',
  'http://[::]:PORT/',
  // IPv4 inside IPv6: mapped, compatible, translated, tunnelled.
  'http://[::ffff:127.0.0.1]:PORT/',
  'http://[::ffff:7f00:1]:PORT/',
  'http://[0:0:0:0:0:ffff:7f00:0001]:PORT/',
  'http://[::ffff:8.8.8.8]:PORT/',
  'http://[::127.0.0.1]:PORT/',
  'http://[::7f00:1]:PORT/',
  'http://[::ffff:0:127.0.0.1]:PORT/',
  'http://[64:ff9b::127.0.0.1]:PORT/',
  'http://[64:ff9b::7f00:1]:PORT/',
  'http://[64:ff9b:1::a00:1]:PORT/',
  'http://[2002:7f00:1::]:PORT/',
  'http://[2002:a9fe:a9fe::1]:PORT/',
  'http://[2001:0:7f00:1::1]:PORT/',
  // Private, link-local (with the metadata services), CGNAT.
  'http://10.0.0.1:PORT/',
  'http://10.255.255.255:PORT/',
  'http://172.16.0.1:PORT/',
  'http://172.31.255.255:PORT/',
  'http://192.168.0.1:PORT/',
  'http://169.254.169.254/latest/meta-data/',
  'http://0xa9fea9fe/latest/meta-data/',
  'http://2852039166/latest/meta-data/',
  'http://0251.0376.0251.0376/latest/meta-data/',
  'http://169.254.170.2/v2/credentials',
  'http://[fd00:ec2::254]/latest/meta-data/',
  'http://[fe80::1]:PORT/',
  'http://[febf::1]:PORT/',
  'http://[fec0::1]:PORT/',
  'http://[fc00::1]:PORT/',
  'http://[fdff:ffff::1]:PORT/',
  'http://100.64.0.1:PORT/',
  'http://100.100.100.200/latest/meta-data/',
  'http://100.127.255.255:PORT/',
  // Multicast, broadcast, reserved, benchmarking, documentation, discard, unassigned.
  'http://224.0.0.1:PORT/',
  'http://239.255.255.255:PORT/',
  'http://[ff02::1]:PORT/',
  'http://[ff0e::1]:PORT/',
  'http://255.255.255.255:PORT/',
  'http://240.0.0.1:PORT/',
  'http://192.0.0.1:PORT/',
  'http://192.0.0.192/opc/v1/instance/',
  'http://192.88.99.1:PORT/',
  'http://198.18.0.1:PORT/',
  'http://198.19.255.255:PORT/',
  'http://192.0.2.1:PORT/',
  'http://198.51.100.1:PORT/',
  'http://203.0.113.1:PORT/',
  'http://[2001:db8::1]:PORT/',
  'http://[3fff::1]:PORT/',
  'http://[100::1]:PORT/',
  'http://[2001:2::1]:PORT/',
  'http://[2001:20::1]:PORT/',
  'http://[5f00::1]:PORT/',
  'http://[4000::1]:PORT/',
  'http://[8000::1]:PORT/',
];

/** Names whose DNS says something that is not public. */
const ANSWERS: Record<string, readonly string[]> = {
  'plain.attacker.example': ['127.0.0.1'],
  'six.attacker.example': ['::1'],
  'mapped.attacker.example': ['::ffff:127.0.0.1'],
  'nat64.attacker.example': ['64:ff9b::7f00:1'],
  'metadata.attacker.example': ['169.254.169.254'],
  'private.attacker.example': ['10.1.2.3'],
  'cgnat.attacker.example': ['100.64.1.1'],
  'any.attacker.example': ['0.0.0.0'],
  'zone.attacker.example': ['fe80::1%lo'],
  'odd.attacker.example': ['0x7f.1'],
  'short.attacker.example': ['127.1'],
  'decimal.attacker.example': ['2130706433'],
  'octal.attacker.example': ['0177.0.0.1'],
  'garbage.attacker.example': ['not an address'],
  'public-first.attacker.example': ['93.184.215.14', '127.0.0.1'],
  'public-last.attacker.example': ['127.0.0.1', '93.184.215.14'],
  localhost: ['127.0.0.1'],
  'localhost.': ['127.0.0.1'],
  'sub.localhost': ['127.0.0.1'],
};

const INVALID = [
  'file:///etc/passwd',
  'ftp://127.0.0.1:PORT/',
  'gopher://127.0.0.1:PORT/_GET',
  'unix:/var/run/docker.sock',
  'data:text/plain,hello',
  'ws://127.0.0.1:PORT/',
  'http://user@127.0.0.1:PORT/',
  'http://user:word@127.0.0.1:PORT/',
  'http://public.example:80@127.0.0.1:PORT/',
  'http://:@127.0.0.1:PORT@public.example/',
  'http://[fe80::1%25lo]:PORT/',
  'http://[::1%lo]:PORT/',
  'http://127.0.0.1:PORT0000/',
  'http://256.0.0.1.300:PORT/',
  'http:///',
  '//127.0.0.1:PORT/',
  'javascript:alert(1)',
  '',
];

/** IANA's registry of special-purpose IPv4 addresses, and multicast. */
const SPECIAL =
  '0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4'.split(
    ' ',
  );

const resolve: ResolveHost = async (hostname) => {
  const answer = ANSWERS[hostname] ?? ANSWERS[`${hostname}.`];
  if (!answer) throw new Error(`no answer for ${hostname}`);
  return answer;
};

describe('what HttpClient keeps out', () => {
  let target: LocalServer;
  let client: HttpClient;
  beforeAll(async () => {
    target = await localServer();
    client = new HttpClient({ resolve, connectTimeoutMs: 2000 });
  });
  afterAll(async () => {
    await client.close();
    await target.close();
  });
  // The one assertion that counts, after every single target.
  afterEach(() => {
    expect(target.connections()).toBe(0);
  });

  const aimed = (url: string) => url.replace('PORT', String(target.port));

  it.each(LITERALS)('refuses %s', async (url) => {
    await expect(client.request({ url: aimed(url) })).rejects.toMatchObject({ code: 'outbound.blocked' });
  });

  it.each(Object.keys(ANSWERS))('refuses http://%s whatever its DNS says', async (host) => {
    await expect(client.request({ url: aimed(`http://${host}:PORT/`) })).rejects.toMatchObject({
      code: 'outbound.blocked',
    });
  });

  it.each(INVALID)('refuses "%s" as no URL of its kind', async (url) => {
    await expect(client.request({ url: aimed(url) })).rejects.toMatchObject({ code: 'outbound.invalid' });
  });

  it('knows at least 60 targets', () => {
    expect(new Set([...LITERALS, ...Object.keys(ANSWERS), ...INVALID]).size).toBeGreaterThanOrEqual(100);
  });

  it('keeps the connector closed even when the literal check in front of it is passed over', async () => {
    const guardless = new HttpClient({ resolve, connectTimeoutMs: 2000 });
    Object.assign(guardless, { checkLiteral: () => undefined });
    for (const url of LITERALS)
      await expect(guardless.request({ url: aimed(url) })).rejects.toMatchObject({ code: 'outbound.blocked' });
    await guardless.close();
  });

  it('never tells what a name resolved to', async () => {
    const error: Error = await client.request({ url: aimed('http://private.attacker.example:PORT/') }).then(
      () => new Error('answered'),
      (fault: unknown) => fault as Error,
    );
    expect(JSON.stringify(error) + error.message).not.toContain('10.1.2.3');
  });
});

describe('names that change their answer', () => {
  it('connects to the answer that was checked: the name is asked once a connection', async () => {
    const target = await localServer();
    let asked = 0;
    const client = new HttpClient({
      allow: [`127.0.0.1:${target.port}`],
      resolve: async () => {
        asked += 1;
        return asked === 1 ? ['127.0.0.1'] : ['169.254.169.254'];
      },
    });
    const url = `http://rebinding.example:${target.port}/`;
    await expect(client.request({ url })).resolves.toMatchObject({ status: 200 });
    expect(asked).toBe(1);
    expect(target.hits[0]?.headers.host).toBe(`rebinding.example:${target.port}`);
    await client.close();
    // A new connection asks again, and is refused.
    await expect(client.request({ url })).rejects.toMatchObject({ code: 'outbound.blocked' });
    expect(target.hits).toHaveLength(1);
    await target.close();
  });

  it('refuses every redirect to something that is not allowed', async () => {
    const target = await localServer();
    const places = [
      ...LITERALS.filter((url) => /^[ -~]+$/.test(url)),
      'http://plain.attacker.example:PORT/',
      'http://user:x@127.0.0.1:PORT/',
      'file:///etc/passwd',
    ];
    const router = await localServer((hit, response) => {
      const place = places[Number(hit.url.slice(1))] ?? '';
      response.writeHead(302, { location: place.replace('PORT', String(target.port)) });
      response.end();
    });
    const client = new HttpClient({ allow: [`127.0.0.1:${router.port}`], resolve });
    for (const at of places.keys())
      await expect(client.request({ url: `${router.url}/${at}`, redirects: 3 })).rejects.toMatchObject({
        code: expect.stringMatching(/^outbound\.(blocked|invalid)$/) as string,
      });
    expect(router.hits).toHaveLength(places.length);
    expect(target.connections()).toBe(0);
    await Promise.all([client.close(), router.close(), target.close()]);
  });
});

describe('OutboundGuard', () => {
  it('permits public addresses of both kinds', () => {
    const guard = new OutboundGuard();
    for (const address of ['8.8.8.8', '93.184.215.14', '2606:4700::1111', '2a00:1450:4001::1'])
      expect(guard.permits('public.example', 443, address)).toBe(true);
  });

  it('permits no address of a special range, alone or inside an IPv6 address', () => {
    const guard = new OutboundGuard();
    const ranges = SPECIAL.map((range) => range.split('/') as [string, string]);
    fc.assert(
      fc.property(fc.constantFrom(...ranges), fc.nat(0xffffffff), ([network, bits], chance) => {
        const base = network.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
        const address = base + (chance % 2 ** (32 - Number(bits)));
        const dotted = [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
        const hex = `${Math.floor(address / 65_536).toString(16)}:${(address % 65_536).toString(16)}`;
        const inside = [
          `::ffff:${hex}`,
          `::${hex}`,
          `::ffff:0:${hex}`,
          `64:ff9b::${hex}`,
          `2002:${hex}::1`,
          `2001:0:${hex}::`,
        ];
        for (const text of [dotted, `::ffff:${dotted}`, `64:ff9b::${dotted}`, ...inside])
          expect([text, guard.permits('any.example', 80, text)]).toEqual([text, false]);
      }),
      { numRuns: 500 },
    );
  });

  it('reads hosts, ports, addresses and ranges', () => {
    const guard = new OutboundGuard([
      'Intern.Example',
      'web:8080',
      '127.0.0.1:9000',
      '[::1]:9000',
      '10.0.0.0/8',
      'fd00::/8',
      '*.suffix.example',
      '*.port.example:81',
      '172.16.0.0/12:5432',
      '[fe80::]/10:443',
      '',
    ]);
    expect(guard.permits('intern.example.', 1, '192.168.0.1')).toBe(true);
    expect(guard.permits('not.intern.example', 1, '192.168.0.1')).toBe(false);
    expect(guard.permits('web', 8080, '172.16.0.1')).toBe(true);
    expect(guard.permits('web', 8081, '172.16.0.1')).toBe(false);
    expect(guard.permits('any', 9000, '127.0.0.1')).toBe(true);
    expect(guard.permits('any', 9001, '127.0.0.1')).toBe(false);
    expect(guard.permits('any', 9000, '::1')).toBe(true);
    expect(guard.permits('any', 80, '10.9.9.9')).toBe(true);
    expect(guard.permits('any', 80, '::ffff:10.9.9.9')).toBe(false);
    expect(guard.permits('a.b.suffix.example', 80, '192.168.0.1')).toBe(true);
    expect(guard.permits('suffix.example', 80, '192.168.0.1')).toBe(false);
    expect(guard.permits('a.port.example', 81, '192.168.0.1')).toBe(true);
    expect(guard.permits('a.port.example', 80, '192.168.0.1')).toBe(false);
    expect(guard.permits('any', 5432, '172.20.0.1')).toBe(true);
    expect(guard.permits('any', 5433, '172.20.0.1')).toBe(false);
    expect(guard.permits('any', 80, 'fe80::1')).toBe(false);
    expect(guard.permits('any', 443, 'fe80::1')).toBe(true);
    expect(guard.permits('any', 80, '11.0.0.1')).toBe(true);
    expect(guard.permits('any', 80, 'fd12::1')).toBe(true);
    expect(guard.permits('any', 80, 'fc12::1')).toBe(false);
  });

  it.each([
    'http://x',
    'a b',
    '10.0.0.0/33',
    'x:0',
    'x:70000',
    '::1/129',
    '*',
    '*.0.0.1',
    '127.1',
    '10.0.0',
    '*.',
    'a.*.b',
    'host/8',
    '[x]',
    '[::1',
    '*.*.x',
    '1.2.3/8',
    '-x',
  ])('refuses "%s" in the allow-list', (entry) =>
    expect(() => new OutboundGuard([entry])).toThrow(OutboundAllowInvalid),
  );
});
