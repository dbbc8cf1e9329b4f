export { aDelivery } from './a-delivery';
export { deliveryStoreContract, type OpenedDeliveries } from './delivery-store.contract';
export { webhookSecretStoreContract } from './webhook-secret-store.contract';
