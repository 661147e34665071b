// Algorithms: placeholder until its first file lands.
