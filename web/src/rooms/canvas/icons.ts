import {
  Archive, ArrowDownUp, Bell, Blocks, Bot, Box, Braces, Brain, Building, Calculator, Calendar, CalendarClock, Camera, ChartLine, CircleDashed, CircleStop, Clock, Cloud, Code, Combine, Contact, CopyX, CreditCard, Database, Download, File, FileText, Filter, Folder, GitBranch, Globe, HardDrive, Hash, Headset, Hourglass, Image, Key, Languages, Layers, Link, ListEnd, Lock, Mail, MapPin, Megaphone, Merge, MessageSquare, Mic, Network, NotebookText, OctagonX, Package, PackageX, Pencil, Phone, Play, Repeat, Reply, Rss, Search, Send, Server, Shield, ShoppingCart, Signpost, Siren, Sparkles, Split, Table, Tag, Terminal, Timer, Trash, Truck, Upload, User, Users, Video, Webhook, Workflow, Wrench, Zap, type LucideIcon,
} from "lucide-react";

/** The pictures that types may name, by lucide's names; what is not among them is shown by blocks. */
const ICONS: Record<string, LucideIcon> = {
  archive: Archive, "arrow-down-up": ArrowDownUp, bell: Bell, blocks: Blocks, bot: Bot, box: Box, braces: Braces, brain: Brain, building: Building,
  calculator: Calculator, calendar: Calendar, "calendar-clock": CalendarClock, camera: Camera, "chart-line": ChartLine, "circle-dashed": CircleDashed, "circle-stop": CircleStop, clock: Clock, cloud: Cloud, code: Code, combine: Combine, contact: Contact, "copy-x": CopyX, "credit-card": CreditCard,
  database: Database, download: Download, file: File, "file-text": FileText, filter: Filter, folder: Folder, "git-branch": GitBranch, globe: Globe, "hard-drive": HardDrive, hash: Hash, headset: Headset, hourglass: Hourglass, image: Image, key: Key,
  languages: Languages, layers: Layers, link: Link, "list-end": ListEnd, lock: Lock, mail: Mail, "map-pin": MapPin, megaphone: Megaphone, merge: Merge, "message-square": MessageSquare, mic: Mic, network: Network, "notebook-text": NotebookText, "octagon-x": OctagonX,
  package: Package, pencil: Pencil, phone: Phone, play: Play, repeat: Repeat, reply: Reply, rss: Rss, search: Search, send: Send, server: Server, shield: Shield, "shopping-cart": ShoppingCart, signpost: Signpost, siren: Siren, sparkles: Sparkles, split: Split,
  table: Table, tag: Tag, terminal: Terminal, timer: Timer, trash: Trash, truck: Truck, upload: Upload, user: User, users: Users, video: Video, webhook: Webhook, workflow: Workflow, wrench: Wrench, zap: Zap,
};

/** The picture of this name; without one, of a type that is not there. */
export function iconOf(name: string | undefined): LucideIcon {
  return name === undefined ? PackageX : (ICONS[name] ?? Blocks);
}
