//! Renders pages as images, with quoted words marked.

use std::path::Path;

use pdfium_render::prelude::*;

use super::pdfium;
use crate::domain::fault::Fault;
use crate::extract::extracted::{Failure, PageImage};
use crate::extract::pdf::highlight::Letters;

/// Width limit of an image, in pixels, and limit of its height relative to its width.
const MAX_WIDTH: u32 = 4000;
const MAX_HEIGHT_RATIO: f32 = 6.0;

/// Transmission of the marker for red, green and blue, of 255: yellow, with the words legible below.
const MARKER: [u16; 3] = [255, 232, 90];

/// Pixels brighter than this, of 255, are paper.
const PAPER: u8 = 230;

/// Margin of a mark around the letters, in points.
const MARGIN: f32 = 1.0;

/// A rectangle of pixels.
struct Area {
    left: usize,
    right: usize,
    top: usize,
    bottom: usize,
}

/// Renders a page, counted from 1, `width` pixels wide, and marks the words of `quote`.
pub(in crate::extract) fn render(
    library: &Pdfium,
    file: &Path,
    page: u32,
    quote: &str,
    width: u32,
) -> Result<PageImage, Failure> {
    let bytes = std::fs::read(file)
        .map_err(|error| Failure::Environment(Fault::CannotBeOpened(error.to_string())))?;
    let document = pdfium::open(library, &bytes)?;
    let missing = |_| Failure::File(Fault::NoPage(page));
    let index = i32::try_from(page).unwrap_or(i32::MAX).saturating_sub(1);
    let page = document.pages().get(index).map_err(missing)?;
    let drawing = |error| Failure::File(Fault::PageNotDrawn(format!("{error:?}")));
    if page.height().value > MAX_HEIGHT_RATIO * page.width().value {
        return Err(Failure::File(Fault::PageTooHigh));
    }
    let width = i32::try_from(width.clamp(1, MAX_WIDTH)).unwrap_or(1);
    let config = PdfRenderConfig::new().set_target_width(width);
    let bitmap = page.render_with_config(&config).map_err(drawing)?;
    let areas = find(&page, quote, &config);
    let (width, height) = (size(bitmap.width()), size(bitmap.height()));
    let mut pixels = opaque(&bitmap.as_rgba_bytes());
    for area in &areas {
        mark(&mut pixels, width, height, area);
    }
    let png = encode(&pixels, width, height, png::ColorType::Rgb)
        .map_err(|error| Failure::Environment(Fault::Other(error.to_string())))?;
    Ok(PageImage {
        png,
        marked: !areas.is_empty(),
    })
}

/// Renders a page, counted from 1, for OCR, in grey, at `dpi` dots per inch. Returns `None` if it is blank.
pub(in crate::extract) fn scan(
    library: &Pdfium,
    file: &Path,
    page: u32,
    dpi: u32,
) -> Result<Option<Vec<u8>>, Failure> {
    let bytes = std::fs::read(file)
        .map_err(|error| Failure::Environment(Fault::CannotBeOpened(error.to_string())))?;
    let document = pdfium::open(library, &bytes)?;
    let missing = |_| Failure::File(Fault::NoPage(page));
    let index = i32::try_from(page).unwrap_or(i32::MAX).saturating_sub(1);
    let page = document.pages().get(index).map_err(missing)?;
    if page.height().value > MAX_HEIGHT_RATIO * page.width().value {
        return Err(Failure::File(Fault::PageTooHigh));
    }
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a width in pixels"
    )]
    let width = (page.width().value / 72.0 * dpi as f32).round() as u32;
    let width = i32::try_from(width.clamp(1, MAX_WIDTH)).unwrap_or(1);
    let config = PdfRenderConfig::new().set_target_width(width);
    let drawing = |error| Failure::File(Fault::PageNotDrawn(format!("{error:?}")));
    let bitmap = page.render_with_config(&config).map_err(drawing)?;
    let (width, height) = (size(bitmap.width()), size(bitmap.height()));
    let grey: Vec<u8> = bitmap
        .as_rgba_bytes()
        .chunks_exact(4)
        .map(luminance)
        .collect();
    if grey.iter().all(|pixel| *pixel > PAPER) {
        return Ok(None);
    }
    encode(&grey, width, height, png::ColorType::Grayscale)
        .map(Some)
        .map_err(|error| Failure::Environment(Fault::Other(error.to_string())))
}

/// Returns the brightness of a pixel by ITU-R BT.601.
fn luminance(pixel: &[u8]) -> u8 {
    let [red, green, blue] = [pixel[0], pixel[1], pixel[2]].map(u32::from);
    u8::try_from((299 * red + 587 * green + 114 * blue) / 1000).unwrap_or(u8::MAX)
}

/// Locates the words of the quote in the image.
fn find(page: &PdfPage<'_>, quote: &str, config: &PdfRenderConfig) -> Vec<Area> {
    let Ok(text) = page.text() else {
        return Vec::new();
    };
    let mut letters = Letters::default();
    for (place, glyph) in text.chars().iter().enumerate() {
        if let Some(letter) = glyph.unicode_char() {
            letters.push(letter, place);
        }
    }
    let mut areas = Vec::new();
    for range in letters.find(quote) {
        for segment in text.segments_subset(range.start, range.len()).iter() {
            areas.extend(area(page, &segment.bounds(), config));
        }
    }
    areas
}

fn area(page: &PdfPage<'_>, bounds: &PdfRect, config: &PdfRenderConfig) -> Option<Area> {
    let pixel = |x: f32, y: f32| {
        page.points_to_pixels(PdfPoints::new(x), PdfPoints::new(y), config)
            .ok()
    };
    let (left, right) = (bounds.left().value - MARGIN, bounds.right().value + MARGIN);
    let (bottom, top) = (bounds.bottom().value - MARGIN, bounds.top().value + MARGIN);
    // On a rotated page the sides are swapped.
    let (one, other) = (pixel(left, top)?, pixel(right, bottom)?);
    Some(Area {
        left: size(one.0.min(other.0)),
        right: size(one.0.max(other.0)),
        top: size(one.1.min(other.1)),
        bottom: size(one.1.max(other.1)),
    })
}

/// Drops the alpha channel.
fn opaque(pixels: &[u8]) -> Vec<u8> {
    pixels
        .chunks_exact(4)
        .flat_map(|pixel| [pixel[0], pixel[1], pixel[2]])
        .collect()
}

/// Multiplies the colours, like a text marker on paper.
fn mark(pixels: &mut [u8], width: usize, height: usize, area: &Area) {
    for row in area.top..area.bottom.min(height) {
        for column in area.left..area.right.min(width) {
            let pixel = 3 * (row * width + column);
            for (channel, share) in pixels[pixel..pixel + 3].iter_mut().zip(MARKER) {
                // Overlapping marks do not add up.
                let marked = u16::from(*channel) * share / 255;
                *channel = u8::try_from(marked).unwrap_or(u8::MAX);
            }
        }
    }
}

fn encode(
    pixels: &[u8],
    width: usize,
    height: usize,
    color: png::ColorType,
) -> anyhow::Result<Vec<u8>> {
    let mut png = Vec::new();
    let mut encoder = png::Encoder::new(&mut png, u32::try_from(width)?, u32::try_from(height)?);
    encoder.set_color(color);
    encoder.set_compression(png::Compression::Fast);
    encoder.write_header()?.write_image_data(pixels)?;
    Ok(png)
}

fn size(pixels: i32) -> usize {
    usize::try_from(pixels).unwrap_or_default()
}
