import { spawnSync } from 'node:child_process';
import { FailpointHit, armFailpoint, failpoint } from '@flow/platform';

describe('failpoint', () => {
  afterEach(() => armFailpoint(undefined));

  it('does nothing unless it is named', () => {
    failpoint('store.save.before');
    armFailpoint('store.save.after:throw');
    failpoint('store.save.before');
  });

  it('throws once, at the count that was asked for', () => {
    armFailpoint('store.save.before@2:throw');
    failpoint('store.save.before');
    expect(() => failpoint('store.save.before')).toThrow(FailpointHit);
    failpoint('store.save.before');
  });

  it('refuses a form that it does not know', () => {
    expect(() => armFailpoint('a b')).toThrow('FAILPOINT is not of the form');
  });

  it('kills the process as kill -9 does', () => {
    const child = spawnSync(
      process.execPath,
      [
        '-e',
        `const { transformFileSync } = require('@swc/core');
         const { code } = transformFileSync(${JSON.stringify(require.resolve('./failpoint'))}, { module: { type: 'commonjs' } });
         const module_ = { exports: {} };
         new Function('module', 'exports', code)(module_, module_.exports);
         console.log('before');
         module_.exports.failpoint('here');
         console.log('after');`,
      ],
      { env: { ...process.env, FAILPOINT: 'here' }, encoding: 'utf8' },
    );
    expect(child.signal).toBe('SIGKILL');
    expect(child.stdout).toBe('before\n');
  });
});
