import { reachedAcross, writesOfMongo } from './writes';

describe('The writes of MongoDB', () => {
  it('are each known to the harness, with the way in which one of several processes comes to it', () => {
    expect(writesOfMongo().length).toBeGreaterThan(100);
    expect(new Set(reachedAcross().map(({ write }) => write)).size).toBeGreaterThan(20);
    for (const { write, reach } of writesOfMongo())
      if (reach.at === 'none') expect([write, reach.why]).toEqual([write, expect.stringMatching(/\w/)]);
  });
});
