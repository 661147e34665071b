// Worker: placeholder until its first file lands.
