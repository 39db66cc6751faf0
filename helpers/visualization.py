"""What a trained network looks at: saliency, Grad-CAM, images that excite a unit."""
