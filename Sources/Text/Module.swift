// Text: placeholder until its first file lands.
