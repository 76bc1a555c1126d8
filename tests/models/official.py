"""pix2pixHD's networks once more, plainly: what ours must compute, under the official names.

Written from the published description and the names in the official files, layer after layer and
loop after loop; slow and short, and sharing no line with `lab`.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

Scales = list[list[Tensor]]


def padded(inputs: int, outputs: int, kernel: int) -> list[nn.Module]:
    return [nn.ReflectionPad2d(kernel // 2), nn.Conv2d(inputs, outputs, kernel)]


def normed(*layers: nn.Module, channels: int) -> list[nn.Module]:
    return [*layers, nn.InstanceNorm2d(channels), nn.ReLU()]


def down(width: int) -> list[nn.Module]:
    return normed(nn.Conv2d(width, 2 * width, 3, 2, 1), channels=2 * width)


def up(width: int) -> list[nn.Module]:
    layer = nn.ConvTranspose2d(width, width // 2, 3, 2, padding=1, output_padding=1)
    return normed(layer, channels=width // 2)


def picture(width: int, outputs: int = 3) -> list[nn.Module]:
    return [*padded(width, outputs, 7), nn.Tanh()]


def halved() -> nn.Module:
    return nn.AvgPool2d(3, 2, 1, count_include_pad=False)


class Residual(nn.Module):
    """x + norm(conv(relu(norm(conv(x))))), reflected at the border, no ReLU after the sum."""

    def __init__(self, width: int) -> None:
        super().__init__()
        first = normed(*padded(width, width, 3), channels=width)
        second = [*padded(width, width, 3), nn.InstanceNorm2d(width)]
        self.conv_block = nn.Sequential(*first, *second)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.conv_block(x)


def trunk(inputs: int, width: int, downs: int, blocks: int) -> list[nn.Module]:
    """G1 without its last three layers."""
    layers = normed(*padded(inputs, width, 7), channels=width)
    for level in range(downs):
        layers += down(width * 2**level)
    layers += [Residual(width * 2**downs) for _ in range(blocks)]
    for level in reversed(range(downs)):
        layers += up(width * 2 ** (level + 1))
    return layers


class OfficialGlobal(nn.Module):
    """--netG global."""

    def __init__(self, inputs: int, width: int, downs: int, blocks: int) -> None:
        super().__init__()
        self.model = nn.Sequential(*trunk(inputs, width, downs, blocks), *picture(width))

    def forward(self, x: Tensor) -> Tensor:
        return self.model(x)


class OfficialLocal(nn.Module):
    """--netG local; `width` is that of the finest enhancer."""

    def __init__(self, inputs: int, width: int, *, downs: int, blocks: int, local: Sequence[int]):
        super().__init__()
        enhancers, local_blocks = local
        self.enhancers, self.pool = enhancers, halved()
        self.model = nn.Sequential(*trunk(inputs, width * 2**enhancers, downs, blocks))
        for number in range(1, enhancers + 1):
            own = width * 2 ** (enhancers - number)
            entry = [*normed(*padded(inputs, own, 7), channels=own), *down(own)]
            leave = [Residual(2 * own) for _ in range(local_blocks)] + up(2 * own)
            if number == enhancers:
                leave += picture(own)
            self.add_module(f"model{number}_1", nn.Sequential(*entry))
            self.add_module(f"model{number}_2", nn.Sequential(*leave))

    def forward(self, x: Tensor) -> Tensor:
        pyramid = [x]
        for _ in range(self.enhancers):
            pyramid.append(self.pool(pyramid[-1]))
        result = self.model(pyramid.pop())
        for number in range(1, self.enhancers + 1):
            entry = getattr(self, f"model{number}_1")(pyramid.pop())
            result = getattr(self, f"model{number}_2")(entry + result)
        return result


class OfficialEncoder(nn.Module):
    """netE; the photo is in [-1, 1]."""

    def __init__(self, outputs: int, width: int, downs: int) -> None:
        super().__init__()
        self.model = nn.Sequential(*trunk(3, width, downs, 0), *picture(width, outputs))

    def forward(self, photo: Tensor, instances: Tensor) -> Tensor:
        """(B, 3, H, W), (B, H, W) → (B, F, H, W), every object's mean, one after the other."""
        drawn = self.model(photo)
        pooled = drawn.clone()
        for features, means, ids in zip(drawn, pooled, instances, strict=True):
            for instance in ids.unique():
                for feature, mean in zip(features, means, strict=True):
                    mean[ids == instance] = feature[ids == instance].mean()
        return pooled


def patch_stages(inputs: int, width: int, layers: int) -> list[list[nn.Module]]:
    """One PatchGAN, a list of layers per feature map; padding 2, at most 512 channels."""
    stages: list[list[nn.Module]] = [[nn.Conv2d(inputs, width, 4, 2, 2), nn.LeakyReLU(0.2)]]
    for number in range(1, layers + 1):
        before, width = width, min(2 * width, 512)
        conv = nn.Conv2d(before, width, 4, 2 if number < layers else 1, 2)
        stages.append([conv, nn.InstanceNorm2d(width), nn.LeakyReLU(0.2)])
    return [*stages, [nn.Conv2d(width, 1, 4, 1, 2)]]


class OfficialDiscriminators(nn.Module):
    """netD: the last of the networks sees the picture at full size, the first the smallest."""

    def __init__(self, inputs: int, width: int, *, layers: int, scales: int, features: bool):
        super().__init__()
        self.layers, self.scales, self.features, self.pool = layers, scales, features, halved()
        for scale in range(scales):
            stages = patch_stages(inputs, width, layers)
            if not features:
                flat = [module for stage in stages for module in stage]
                self.add_module(f"layer{scale}", nn.Sequential(*flat))
                continue
            for number, stage in enumerate(stages):
                self.add_module(f"scale{scale}_layer{number}", nn.Sequential(*stage))

    def forward(self, x: Tensor) -> Scales:
        """Per scale, finest first: all feature maps, or with `features` off the score alone."""
        results = []
        for scale in reversed(range(self.scales)):
            found = []
            if self.features:
                for number in range(self.layers + 2):
                    before = found[-1] if found else x
                    found.append(getattr(self, f"scale{scale}_layer{number}")(before))
            else:
                found.append(getattr(self, f"layer{scale}")(x))
            results.append(found)
            x = self.pool(x)
        return results


def edges(instances: Tensor) -> Tensor:
    """(H, W) → 1 where one of the four neighbours has another id, else 0."""
    height, width = instances.shape
    found = torch.zeros(height, width)
    for y in range(height):
        for x in range(width):
            for v, u in ((y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)):
                if 0 <= v < height and 0 <= u < width and instances[v, u] != instances[y, x]:
                    found[y, x] = 1
    return found


def generator_gan_loss(fake: Scales) -> Tensor:
    """Squared distance to 1, a sum over scales."""
    return sum(((scale[-1] - 1) ** 2).mean() for scale in fake)


def discriminator_gan_loss(real: Scales, fake: Scales) -> Tensor:
    """Half of the squared distances to 1 and to 0, a sum over scales."""
    return (generator_gan_loss(real) + sum((scale[-1] ** 2).mean() for scale in fake)) * 0.5


def matching_loss(fake: Scales, real: Scales, layers: int) -> Tensor:
    """4 / (layers + 1) · 1 / scales of all L1 distances but the score's."""
    total = torch.zeros((), dtype=fake[0][0].dtype)
    for drawn, true in zip(fake, real, strict=True):
        for one, other in zip(drawn[:-1], true[:-1], strict=True):
            total = total + (one - other).abs().mean() * 4 / (layers + 1) / len(fake)
    return total
