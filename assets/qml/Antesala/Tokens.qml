pragma Singleton

import QtQuick

// Sizes in millimetres, colours in pairs whose contrast is at least 7:1 (4.5:1 for `accent` as a surface).
QtObject {
    property real pitchMm: 0.25
    // Every capital is at least leastCapMm high, and the colours are those of `contrast`.
    property bool large: false
    property bool contrast: false
    // How much of the usual room there is between things: 1 where a page has 390 mm, less where it is lower.
    property real ease: 1

    readonly property color ground: contrast ? "#000000" : "#f4f6f8"
    readonly property color paper: contrast ? "#000000" : "#ffffff"
    readonly property color ink: contrast ? "#ffffff" : "#14202b"
    readonly property color soft: contrast ? "#ffffff" : "#3f4d5a"
    readonly property color line: contrast ? "#ffffff" : "#75848f"
    readonly property color deep: contrast ? "#ffe14d" : "#0b4a6f"
    readonly property color deepPressed: contrast ? "#ffffff" : "#062c44"
    readonly property color deepInk: contrast ? "#000000" : "#ffffff"
    readonly property color mark: contrast ? "#4a4a00" : "#ffe9a8"
    readonly property color alert: contrast ? "#ffb3b3" : "#7d1717"
    readonly property color night: "#0a1a26"
    readonly property color nightInk: "#ffffff"
    readonly property color nightSoft: "#c3d0da"
    readonly property color nightLine: "#3a5063"
    readonly property color nightMark: "#ffd54d"

    readonly property string family: "Noto Sans"
    readonly property real capRatio: 0.714
    // 0.7 degrees at 600 mm, with what rounding to pixels takes. Source: EN 301 549 V3.2.1, 5.1.4.
    readonly property real leastCapMm: 7.5

    function mm(length: real): real {
        return length / pitchMm;
    }

    // A space or a picture, smaller where there is less room; targets stay 3 mm apart.
    function gap(length: real): real {
        return Math.max(length * ease, Math.min(length, 3.2)) / pitchMm;
    }

    // The height of a heading's capitals, smaller where there is less room, but never that of a text.
    function heading(heightMm: real): real {
        return Math.max(7.5, heightMm * ease);
    }

    // Pixel size of a font whose capital H is so many millimetres high.
    function cap(heightMm: real): int {
        return Math.round((large ? Math.max(heightMm, leastCapMm) : heightMm) / capRatio / pitchMm);
    }
}
