//! Korean particles, which follow the last sound of the word before them.

/// A pair of particles: the one behind a consonant, and the one behind a vowel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Particle {
    Topic,
    Subject,
    Object,
    With,
    To,
    Named,
}

/// A word with its particle. What is not read aloud, such as marks around a name, does not count.
pub(super) fn with(word: &str, particle: Particle) -> String {
    let last = word.chars().rev().find(|letter| letter.is_alphanumeric());
    let sound = last.map_or(Sound::Vowel, Sound::of);
    let (closed, open) = match particle {
        Particle::Topic => ("은", "는"),
        Particle::Subject => ("이", "가"),
        Particle::Object => ("을", "를"),
        Particle::With => ("과", "와"),
        Particle::To => ("으로", "로"),
        Particle::Named => ("이라는", "라는"),
    };
    let is_open = match sound {
        Sound::Vowel => true,
        Sound::Liquid => particle == Particle::To,
        Sound::Consonant => false,
    };
    format!("{word}{}", if is_open { open } else { closed })
}

/// How a word ends when it is read aloud in Korean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sound {
    Vowel,
    /// ㄹ, which `로` follows as it follows a vowel.
    Liquid,
    Consonant,
}

impl Sound {
    fn of(letter: char) -> Self {
        match letter {
            '가'..='힣' => match (u32::from(letter) - u32::from('가')) % 28 {
                0 => Self::Vowel,
                8 => Self::Liquid,
                _ => Self::Consonant,
            },
            // 일, 칠, 팔; 엘, 알.
            '1' | '7' | '8' | 'l' | 'L' | 'r' | 'R' => Self::Liquid,
            // 영, 삼, 육; 엠, 엔.
            '0' | '3' | '6' | 'm' | 'M' | 'n' | 'N' => Self::Consonant,
            _ => Self::Vowel,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_particle_follows_the_last_sound() {
        for (word, particle, expected) in [
            ("작성자", Particle::Subject, "작성자가"),
            ("설명", Particle::Subject, "설명이"),
            ("`LED450`", Particle::Topic, "`LED450`은"),
            ("`LED450-MQW-012A`", Particle::Topic, "`LED450-MQW-012A`는"),
            ("**`R7`**", Particle::To, "**`R7`**로"),
            ("**`R7`**", Particle::Object, "**`R7`**을"),
            ("R3", Particle::To, "R3으로"),
            ("`TMAl_1.run`", Particle::Topic, "`TMAl_1.run`은"),
            ("서울", Particle::To, "서울로"),
            ("V/III", Particle::With, "V/III와"),
            ("", Particle::Named, "라는"),
        ] {
            assert_eq!(with(word, particle), expected);
        }
    }
}
