import { shell } from './shell';
import { parts } from './parts';
import { signIn } from './sign-in';
import { overview } from './overview';
import { dags } from './dags';
import { dag } from './dag';
import { instances } from './instances';
import { instance } from './instance';
import { approvals } from './approvals';
import { triggers } from './triggers';
import { workers } from './workers';
import { settings } from './settings';

/** Every text of the console in English; a page's texts stand in the file of its name. */
export const en = {
  shell,
  parts,
  signIn,
  overview,
  dags,
  dag,
  instances,
  instance,
  approvals,
  triggers,
  workers,
  settings,
};
