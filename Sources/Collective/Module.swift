// Collective: placeholder until its first file lands.
