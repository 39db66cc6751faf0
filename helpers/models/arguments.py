"""What the networks ask of their arguments."""

from helpers.arguments import height_and_width, whole_number


def check_image_shape(input_shape, least):
    """Raise unless ``input_shape`` is (H, W, C) with a height and width of ``least`` pixels.

    Raises:
        TypeError: a size is not a whole number.
        ValueError: there are not three sizes, or one is too small.
    """
    if not isinstance(input_shape, tuple | list) or len(input_shape) != 3:
        raise ValueError(f"input_shape must be (height, width, channels), got {input_shape!r}")
    height, width = height_and_width("input_shape", tuple(input_shape[:2]))
    whole_number("channels", input_shape[2])
    if min(height, width) < least:
        raise ValueError(
            f"input_shape must be at least {least} pixels high and wide, got {height} x {width}"
        )
