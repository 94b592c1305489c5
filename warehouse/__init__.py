"""The council's side: open what arrived, verify it, load it whole or refuse it, and sign an answer."""
