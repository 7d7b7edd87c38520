"""OAuth 2.0 towards other systems: connecting a credential, and keeping its token fresh."""
