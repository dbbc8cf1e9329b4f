import { durationGiven, pairGiven, valueGiven } from './given.input';

describe('A value on the command line', () => {
  it.each([
    ['12', undefined, 12],
    ['true', undefined, true],
    ['{"a":[1]}', undefined, { a: [1] }],
    ['hello', undefined, 'hello'],
    ['', undefined, ''],
    ['007', 'string', '007'],
    ['12', 'string', '12'],
    ['12', 'number', 12],
    ['twelve', 'number', 'twelve'],
  ])('%s for a field of type %s is %j', (text, type, value) => {
    expect(valueGiven(text, type)).toEqual(value);
  });

  it('is behind the first equals sign', () => {
    expect(pairGiven('-p', 'a=b=c')).toEqual(['a', 'b=c']);
    expect(pairGiven('-p', 'a=')).toEqual(['a', '']);
    expect(() => pairGiven('-p', '=b')).toThrow('key=value');
  });

  it('that is a time has a unit', () => {
    expect(['1500ms', '30s', '1.5m', '2h', '1d'].map((text) => durationGiven('--timeout', text))).toEqual([
      1_500, 30_000, 90_000, 7_200_000, 86_400_000,
    ]);
    for (const wrong of ['', '30', 's', '-1s', '0s', '25d', '1w'])
      expect(() => durationGiven('--timeout', wrong)).toThrow('--timeout wants a time');
  });
});
