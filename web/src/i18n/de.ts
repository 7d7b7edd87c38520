import type en from "./en";
import type { Texts } from "./texts";
import { auth } from "@/rooms/auth/messages.de";
import { billing } from "@/rooms/billing/messages.de";
import { builder } from "@/rooms/builder/messages.de";
import { canvas } from "@/rooms/canvas/messages.de";
import { credentials } from "@/rooms/credentials/messages.de";
import { data } from "@/rooms/data/messages.de";
import { executions } from "@/rooms/executions/messages.de";
import { settings } from "@/rooms/settings/messages.de";
import { templates } from "@/rooms/templates/messages.de";
import { triggers } from "@/rooms/triggers/messages.de";
import { workflows } from "@/rooms/workflows/messages.de";
import { shell } from "@/shell/messages.de";
import { ui } from "@/ui/messages.de";

const de: Texts<typeof en> = { ui, shell, auth, workflows, builder, executions, credentials, triggers, templates, settings, data, canvas, billing };

export default de;
