package directory

import (
	"fmt"
	"math/rand/v2"

	"github.com/google/uuid"
)

var (
	givenNames = []string{"Anna", "Björn", "Chloé", "Дмитрий", "Ελένη", "Fatima", "Gökhan", "Hana", "Íñigo", "Jürgen", "李娜", "Łukasz",
		"Mónica", "Noor", "Oisín", "Priya", "Quentin", "Renée", "Søren", "Thandiwe", "Uğur", "Valérie", "Wanjiru", "ياسمين", "Zoë"}
	surnames = []string{"Andersson", "Brown", "Çelik", "D'Angelo", "Eriksen", "Fernández", "García", "Hughes", "Иванова", "Jansen",
		"Kovács", "Lefèvre", "Müller", "Nowak", "O'Neill", "Παπαδόπουλος", "Quispe", "Rossi", "Şahin", "Tanaka", "Usman", "Vega",
		"王", "Yılmaz", "Žižek"}
	departments = []string{"Engineering", "Sales", "Finance", "People", "Support", "Marketing", "Legal", "Operations"}
)

// Generate makes up n people, and a group for every department. The same seed makes the same directory.
func Generate(n int, seed uint64) (*Directory, error) {
	if n < 1 {
		return nil, fmt.Errorf("generating a directory: %d people are too few", n)
	}
	random := rand.New(rand.NewPCG(seed, 0))
	id := func() string {
		var raw [16]byte
		for i := range raw {
			raw[i] = byte(random.UintN(256))
		}
		raw[6], raw[8] = raw[6]&0x0f|0x40, raw[8]&0x3f|0x80 // a version 4 GUID (RFC 9562)
		return uuid.UUID(raw).String()
	}
	d := &Directory{TenantID: id(), Domain: "generated.onmicrosoft.com"}
	for _, name := range departments {
		d.Groups = append(d.Groups, &Group{ID: id(), DisplayName: name, Description: "Everybody in " + name})
	}
	for i := range n {
		given, surname := givenNames[random.IntN(len(givenNames))], surnames[random.IntN(len(surnames))]
		team := d.Groups[random.IntN(len(d.Groups))]
		nick := fmt.Sprintf("person%d", i+1)
		u := &User{ID: id(), UserPrincipalName: nick + "@generated.example", DisplayName: given + " " + surname, GivenName: given,
			Surname: surname, MailNickname: nick, Department: team.DisplayName, EmployeeID: fmt.Sprint(100000 + i)}
		if random.IntN(20) > 0 { // one in twenty has no mailbox
			u.Mail = nick + "@generated.example"
		}
		if i > 0 { // everybody reports to somebody before them, so there are no circles
			u.Manager = d.Users[random.IntN(min(i, 1+i/8))].ID
		}
		team.Members = append(team.Members, u.ID)
		d.Users = append(d.Users, u)
	}
	return d, nil
}
