//! `epibot eval`: measures how well questions find their passages.
