import { remedies } from "./overview/remedies-messages.de";
import { administratorAlerts } from "./revenue/administrator-alerts-messages.de";

export const subscriptionMessages = { remedies, administratorAlerts };
