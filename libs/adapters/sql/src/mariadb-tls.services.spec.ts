import { ENTITIES } from '@flow/adapters/sql';
import { SystemClock, SystemRandom } from '@flow/platform';
import { selfSigned } from '@flow/testing/platform';
import { MariaDbRelational } from './relational.mariadb';
import { OwnMariaDb } from './testing/own-mariadb';
import { TOKENS } from './token.entity';

describe('TLS to MariaDB', () => {
  let server: OwnMariaDb;
  let authority: string;
  let withTls: readonly string[];

  const certified = (host: string): readonly string[] => {
    const { key, cert } = selfSigned(host);
    authority = server.file(`${host}.pem`, cert);
    return [`--ssl-cert=${authority}`, `--ssl-key=${server.file(`${host}.key`, key)}`];
  };
  const open = (tls: string, url = server.url) =>
    MariaDbRelational.open({ url: url.href, pool: 1, tls }, ENTITIES, {
      clock: new SystemClock(),
      random: new SystemRandom(),
    });

  beforeAll(async () => {
    server = await OwnMariaDb.make();
    withTls = [...certified('localhost'), '--require-secure-transport=ON'];
  });
  afterAll(() => server.remove());

  describe('with a server that wants it', () => {
    beforeAll(() => server.start(withTls));

    it('encrypts when the authority of the certificate is named', async () => {
      const relational = await open(authority);
      const [row] = await relational.read((tx) =>
        tx.repository(TOKENS).query<{ Value: string }[]>("SHOW SESSION STATUS LIKE 'Ssl_version'"),
      );
      await relational.close();
      expect(row?.Value).toMatch(/^TLSv1\.[23]$/);
    });

    it.each([
      ['of an authority that is not known', () => 'on'],
      ['of another authority', () => server.file('other.pem', selfSigned('localhost').cert)],
    ])('refuses a certificate %s', async (_what, tls) => {
      const refused = open(tls());
      await expect(refused).rejects.toMatchObject({ kind: 'unavailable' });
      await expect(refused).rejects.toThrow(/certificate that is not trusted.*MARIADB_TLS/);
      await expect(refused).rejects.not.toThrow('hidden');
    });

    it('is asked for where it is off', async () => {
      const refused = open('off');
      await expect(refused).rejects.toMatchObject({ kind: 'unavailable' });
      await expect(refused).rejects.toThrow(/MARIADB_TLS if it wants TLS/);
    });
  });

  it('refuses a certificate that names another host', async () => {
    await server.start(certified('db.example.com'));
    await expect(open(authority)).rejects.toThrow(/it must name the host of MARIADB_URL/);
  });

  it('is not left out because the server does not offer it', async () => {
    await server.start(['--skip-ssl']);
    await expect(open(authority)).rejects.toThrow(/does not offer TLS.*MARIADB_TLS/);
  });
});
