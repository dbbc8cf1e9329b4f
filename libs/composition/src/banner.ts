import type { Service } from './service';

const PRIVATE = {
  standalone: 'private API  ',
  'private-api': 'private API  ',
  'public-api': 'probes       ',
  worker: 'probes       ',
} as const;

const NOT_BUILT = 'not built; npm run build makes it';

/** What a person sees at the start: where it listens, where it keeps things, and on the first start how to get in. */
export function banner(service: Service): string {
  const { app, addresses, places, adminToken, docs, recovered, readyMs } = service;
  const hasConsole = service.console === 'built';
  const width = Math.max(...places.map(({ holds }) => holds.length));
  const lines = [
    `Flow Automation${app === 'standalone' ? '' : ` (${app})`} is ready (${Math.round(readyMs)} ms).`,
    '',
    ...(service.console === 'none' ? [] : [`  console       ${hasConsole ? addresses.public : NOT_BUILT}`]),
    ...(addresses.public === undefined ? [] : [`  public API    ${addresses.public}`]),
    ...(addresses.private === undefined ? [] : [`  ${PRIVATE[app]} ${addresses.private}`]),
    ...(docs === 'off' || addresses.public === undefined ? [] : [`  docs          ${addresses.public}/docs`]),
    '',
    ...places.map(({ holds, at }) => `  ${holds.padEnd(width)} ${at}`),
  ];
  if (recovered.adopted > 0)
    lines.push(
      '',
      `  Going on with ${recovered.adopted} instance${recovered.adopted === 1 ? '' : 's'} of the last run.`,
    );
  if (recovered.left.length > 0)
    lines.push(
      '',
      `  ${recovered.left.length} instances cannot go on with this build; they are left as they are:`,
      ...recovered.left.slice(0, 5).map(({ id, error }) => `    ${id}: ${String(error)}`),
    );
  if (adminToken !== undefined)
    lines.push(
      '',
      '  Admin token, shown this once (only its hash is kept):',
      '',
      `    ${adminToken}`,
      '',
      ...(hasConsole ? [`  Open ${addresses.public}/#token=${adminToken}`] : []),
      `  Try it: curl -H "Authorization: Bearer ${adminToken}" ${addresses.public}/api/automation/v1/me`,
    );
  return `${lines.join('\n')}\n`;
}
