import { auth } from "@/rooms/auth/messages.en";
import { billing } from "@/rooms/billing/messages.en";
import { builder } from "@/rooms/builder/messages.en";
import { canvas } from "@/rooms/canvas/messages.en";
import { credentials } from "@/rooms/credentials/messages.en";
import { data } from "@/rooms/data/messages.en";
import { executions } from "@/rooms/executions/messages.en";
import { settings } from "@/rooms/settings/messages.en";
import { templates } from "@/rooms/templates/messages.en";
import { triggers } from "@/rooms/triggers/messages.en";
import { workflows } from "@/rooms/workflows/messages.en";
import { shell } from "@/shell/messages.en";
import { ui } from "@/ui/messages.en";

const en = { ui, shell, auth, workflows, builder, executions, credentials, triggers, templates, settings, data, canvas, billing };

export default en;
