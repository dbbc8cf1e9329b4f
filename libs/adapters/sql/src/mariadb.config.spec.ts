import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { selfSigned } from '@flow/testing/platform';
import { addressOf, tlsOf } from './mariadb.config';
import { RelationalMisconfigured } from './relational.errors';

describe('The address of MariaDB', () => {
  it('has its parts as they are meant', () => {
    expect(addressOf('mysql://fl%3Aow:p%40ss%2Fw%25rd@db.example.com/flow')).toEqual({
      host: 'db.example.com',
      port: 3306,
      user: 'fl:ow',
      password: 'p@ss/w%rd',
      database: 'flow',
    });
    expect(addressOf('mariadb://flow@[::1]:3307/flow')).toMatchObject({ host: '::1', port: 3307, password: '' });
  });

  it('is not shown when it cannot be read', () => {
    expect(() => addressOf('flow:hidden@db')).toThrow(RelationalMisconfigured);
    expect(() => addressOf('mysql://flow:hid%den@db/flow')).toThrow(/^(?!.*hid).*MARIADB_URL/);
  });
});

describe('TLS to MariaDB', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tls-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const host = addressOf('mysql://flow@db.example.com/flow');
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  it('trusts known authorities, or the one whose certificate is named, and always asks for the name of the host', () => {
    expect(tlsOf('off', host)).toBeUndefined();
    const strict = { rejectUnauthorized: true, verifyIdentity: true, minVersion: 'TLSv1.2' };
    expect(tlsOf('on', host)).toEqual(strict);
    const { cert } = selfSigned('db.example.com');
    expect(tlsOf(file('ca.pem', cert), host)).toEqual({ ...strict, ca: cert });
  });

  it.each([
    ['a file that is not there', () => join(folder, 'none.pem'), /none\.pem, which cannot be read \(ENOENT\)/],
    ['a file without a certificate', () => file('key.pem', selfSigned('db').key), /holds no certificate/],
  ])('is refused with %s', (_what, path, said) => {
    expect(() => tlsOf(path(), host)).toThrow(RelationalMisconfigured);
    expect(() => tlsOf(path(), host)).toThrow(said);
    expect(() => tlsOf(path(), host)).toThrow('MARIADB_TLS');
  });

  it('is refused for an address that no certificate names', () => {
    expect(() => tlsOf('on', addressOf('mysql://flow@10.0.0.5/flow'))).toThrow(/name of the host in MARIADB_URL/);
  });
});
