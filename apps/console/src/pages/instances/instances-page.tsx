import { useTranslation } from 'react-i18next';
import { PageHeader } from '../../shell/page-header';

export function InstancesPage() {
  const { t } = useTranslation();
  return <PageHeader title={t('instances.title')} />;
}
