import { MetricsAccess } from './probes/metrics-access';
import { loadBuiltins } from '@flow/builtins';
import { Clock, IdGenerator, Random } from '@flow/kernel';
import { Metrics } from '@flow/observability';
import { OperatorCatalogue } from '@flow/operators';
import { EventTopics, triggerOperators } from '@flow/triggers';
import { HttpClient, SystemClock, SystemRandom } from '@flow/platform';
import { made, type Ground, type Provided } from './made';

/** What everything stands on: time, chance, ids, the way out, operators. */
export const machineProviders = ({ settings, metrics }: Ground): readonly Provided[] => [
  made(Clock, [], () => new SystemClock()),
  made(Random, [], () => new SystemRandom()),
  made(IdGenerator, [Clock, Random], (clock, random) => new IdGenerator(clock, random)),
  made(HttpClient, [Clock], (clock) => new HttpClient({ allow: settings.outboundAllow, clock })),
  made(
    OperatorCatalogue,
    [HttpClient, Clock, EventTopics],
    (http, clock, topics) => new OperatorCatalogue([...loadBuiltins({ http }), ...triggerOperators(clock, topics)]),
  ),
  { provide: Metrics, useValue: metrics },
  { provide: MetricsAccess, useValue: new MetricsAccess(settings.metricsToken, settings.apiServerHost) },
];
