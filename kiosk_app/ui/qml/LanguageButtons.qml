pragma ComponentBehavior: Bound

import QtQuick
import Antesala

// Each language in its own name, script and voice.
Grid {
    id: languages

    required property var kiosk

    signal chosen

    spacing: Tokens.mm(4)

    Repeater {
        model: languages.kiosk.languages

        TouchButton {
            id: choice

            required property var modelData

            capMm: 4.8
            isOn: modelData.code === languages.kiosk.language
            isSwitch: true
            objectName: "language-" + modelData.code
            spokenLanguage: modelData.code
            text: modelData.name
            width: (languages.width - (languages.columns - 1) * Tokens.mm(4)) / languages.columns

            onPressed: {
                languages.chosen();
                languages.kiosk.chooseLanguage(choice.modelData.code);
            }
        }
    }
}
