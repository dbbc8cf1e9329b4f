import { MoveRefused, type MoveSource } from '@flow/moving';
import { SystemRandom } from '@flow/platform';
import { KEY_FILE, SecretBox, parseKeys } from '@flow/secrets';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * SECRETS_KEY has to be the key of the folder: it opens the secrets that are moved as they are, and callback addresses that were handed out
 * are made of it. @throws MoveRefused
 */
export function demandKey(dataDir: string, setting: string | null): SecretBox {
  const file = join(dataDir, KEY_FILE);
  const own = existsSync(file)
    ? new SecretBox(parseKeys(readFileSync(file, 'utf8'), file), new SystemRandom())
    : undefined;
  const how = own
    ? `SECRETS_KEY="$(grep -v '^#' '${file}')", here and for every process of the service.`
    : 'Set it to the one that the service on this folder was started with, here and for every process of the service.';
  if (!setting)
    throw new MoveRefused(
      `SECRETS_KEY is not set: what is moved can be read only with the key of the folder. ${own ? 'Set ' : ''}${how}`,
    );
  const given = new SecretBox(parseKeys(setting, 'SECRETS_KEY'), new SystemRandom());
  if (!own) return given;
  const [newest] = own.keyIds;
  if (given.keyIds[0] !== newest || own.keyIds.some((id) => !given.keyIds.includes(id)))
    throw new MoveRefused(
      `SECRETS_KEY is another key than that of ${file}: secrets could not be read with it, and callback addresses that were handed out would be refused. Set ${how}`,
    );
  return given;
}

/** Everything that is encrypted in the folder was encrypted with a key that is known. @throws MoveRefused */
export async function demandReadable(box: SecretBox, documents: MoveSource, relational: MoveSource): Promise<void> {
  for await (const { envelope, name } of sealed(documents, relational))
    if (!box.knows(envelope))
      throw new MoveRefused(
        `${name} was encrypted with a key that SECRETS_KEY does not hold. Set it to the key that the service on this folder was started with; older keys may follow, between commas.`,
      );
}

async function* sealed(
  documents: MoveSource,
  relational: MoveSource,
): AsyncGenerator<{ envelope: string; name: string }> {
  for await (const content of contents(relational, 'secrets')) {
    const { name, domain, envelope } = content as { name: string; domain: string; envelope: string };
    yield { envelope, name: `The secret ${name} of the business domain ${domain}` };
  }
  for await (const content of contents(documents, 'webhooks')) {
    const { domain, secrets } = content as { domain: string; secrets: readonly { envelope: string }[] };
    for (const { envelope } of secrets) yield { envelope, name: `The webhook secret of the business domain ${domain}` };
  }
}

async function* contents(source: MoveSource, part: string): AsyncGenerator {
  for (let place: string | null = null; ;) {
    const page = await source.page(part, place);
    for (const { content } of page) yield content;
    const last = page.at(-1);
    if (!last) return;
    ({ place } = last);
  }
}
