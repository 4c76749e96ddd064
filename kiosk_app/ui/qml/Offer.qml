import QtQuick
import Antesala

// A service to choose, with how busy it is. By number: what is under a finger stays the same button.
TouchButton {
    id: offer

    required property int index
    property bool isBrief: false
    required property var kiosk
    required property Paged paged
    required property var services
    readonly property var what: services[index] ?? ({})

    capMm: 6.5
    note: isBrief ? "" : [what.waiting, what.wait].filter(part => part).join(" · ")
    objectName: "service-" + what.id
    text: what.name ?? ""
    width: paged.width

    onActiveFocusChanged: {
        if (offer.activeFocus)
            offer.paged.reveal(offer);
    }
    onPressed: offer.kiosk.chooseService(offer.what.id)
}
