import { Database } from '@flow/adapters/sqlite';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { aFolder } from '../service';
import { after, inHouse, until, type Findings, type House, type HouseOptions } from './house';
import { failingFsync, smallDisk } from './tools';

const MEGABYTES = 16;
const BLOCK = 4_096;
/**
 * libfiu looks up functions under a lock of its own that dlopen comes to as well, the other way round: a process that loads an addon while another of its
 * threads writes can stand still for ever (seen once in some tens of starts on a busy machine; none of our code runs then).
 */
const LIBFIU_HANGS_AFTER_MS = 30_000;
const DATABASES = ['documents.db', 'relational.db'];

/** Takes what space is left, to the last byte. */
function fill(file: string): void {
  const ballast = openSync(file, 'w');
  try {
    for (const size of [1024 * 1024, BLOCK, 1])
      for (const bytes = Buffer.alloc(size, 1); ;) if (writeSync(ballast, bytes) < size) break;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    closeSync(ballast);
  }
}

/** As `fill` until nothing fits at all. */
function fillWholly(folder: string): readonly string[] {
  return ['ballast-1', 'ballast-2', 'ballast-3'].map((name) => {
    const file = join(folder, name);
    fill(file);
    return file;
  });
}

function checkFiles(house: House): void {
  for (const file of DATABASES) {
    const db = Database.open(join(house.folder.path, file), { readOnly: true });
    for (const fault of db.integrityFaults()) house.report('wrong', `${file}: ${fault}`);
    db.close();
  }
}

const refusals = ({ load }: House, status: number) => load.refused.get(status) ?? 0;

/**
 * The disk is full under load: starts are 507, the process lives and goes on by itself when there is space again; every other time it is
 * killed while there is none, and the next one starts when there is.
 */
export async function fullDisks(options: HouseOptions, times: number): Promise<Findings> {
  const disk = smallDisk(MEGABYTES);
  try {
    return await inHouse({ ...options, folder: disk.path }, async (house) => {
      for (let i = 0; i < times && house.isSound; i += 1) {
        const { over } = await house.busy();
        const before = refusals(house, 507);
        const ballast = fillWholly(disk.path);
        await until(() => refusals(house, 507) > before + 20 || !house.service.running);
        house.struckNow();
        const alive = await house.service.call('GET', '/me').catch(() => undefined);
        if (alive?.status !== 200) house.report('surprise', `on a full disk /me is ${alive?.status} ${alive?.text}`);
        await after(500);
        if (i % 2 === 1) {
          await house.service.kill();
          house.load.died(Date.now() + 50);
        }
        for (const file of ballast) rmSync(file);
        if (!house.service.running && !(await house.mustStart())) return;
        await after(300);
        house.load.hush();
        await over;
        if (!(await house.settle())) return;
      }
      checkFiles(house);
    });
  } finally {
    disk.remove();
  }
}

/** The disk takes writes and does not flush them: nothing is acknowledged then, and the process goes on when it does. */
export async function failingFlushes(options: HouseOptions, times: number): Promise<Findings> {
  const control = aFolder();
  try {
    const fsync = failingFsync(control.path);
    return await inHouse(
      { ...options, environment: fsync.environment, toolHangsAfterMs: LIBFIU_HANGS_AFTER_MS },
      async (house) => {
        for (let i = 0; i < times && house.isSound; i += 1) {
          const { over } = await house.busy();
          const pid = house.service.child.pid!;
          const before = refusals(house, 503);
          fsync.fail(pid, i % 2 === 0 ? 1 : 0.5);
          await until(() => refusals(house, 503) > before + 20 || !house.service.running);
          house.struckNow();
          if (!house.service.running) house.report('surprise', `a failing fsync ended it: ${house.service.errors}`);
          if (i % 2 === 1) {
            // What it had acknowledged before is there, what it could not flush was not acknowledged.
            await house.service.kill();
            house.load.died(Date.now() + 50);
            if (!(await house.mustStart())) return;
          } else {
            fsync.heal(pid);
            await after(300);
          }
          house.load.hush();
          await over;
          if (!(await house.settle())) return;
        }
        checkFiles(house);
      },
    );
  } finally {
    control.remove();
  }
}
