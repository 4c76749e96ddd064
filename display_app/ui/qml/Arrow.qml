import QtQuick

// The way to a counter: straight ahead is up. A way through a room, so it is not mirrored with the language.
Canvas {
    id: arrow

    property int degrees: 0
    property color ink: "#ffffff"

    renderStrategy: Canvas.Immediate
    rotation: degrees

    Accessible.ignored: true

    onInkChanged: requestPaint()
    onPaint: {
        const pen = getContext("2d");
        const s = Math.min(width, height) / 24;
        pen.reset();
        pen.scale(s, s);
        pen.fillStyle = arrow.ink;
        pen.path = "M12 1 L22 12 H15.5 V23 H8.5 V12 H2 Z";
        pen.fill();
    }
}
