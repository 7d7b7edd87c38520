import { remedies } from "./overview/remedies-messages.en";
import { administratorAlerts } from "./revenue/administrator-alerts-messages.en";

export const subscriptionMessages = { remedies, administratorAlerts };
