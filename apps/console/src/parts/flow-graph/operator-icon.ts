import {
  BeakerIcon,
  CheckCircleIcon,
  ClockIcon,
  CodeIcon,
  CodeSquareIcon,
  GitBranchIcon,
  GlobeIcon,
  IterationsIcon,
  MailIcon,
  PackageIcon,
  RocketIcon,
  ShieldIcon,
  SignInIcon,
  SignOutIcon,
  WorkflowIcon,
  type Icon,
} from '@primer/octicons-react';

/** By the beginning of the operator's name; the first that fits counts. */
const ICONS: readonly (readonly [prefix: string, icon: Icon])[] = [
  ['@trigger/', RocketIcon],
  ['@control/flow/loop', IterationsIcon],
  ['@control/flow/try', ShieldIcon],
  ['@control/flow/', GitBranchIcon],
  ['@control/approval', CheckCircleIcon],
  ['@control/callback', SignInIcon],
  ['@control/wait', ClockIcon],
  ['@subflow/', WorkflowIcon],
  ['@http/', GlobeIcon],
  ['@mail/', MailIcon],
  ['@internal/return', SignOutIcon],
  ['@internal/', CodeIcon],
  ['@sandbox/', CodeSquareIcon],
  ['@llm/', BeakerIcon],
];

export const iconOf = (operator: string): Icon =>
  ICONS.find(([prefix]) => operator.startsWith(prefix))?.[1] ?? PackageIcon;
