# Dovecot has the mailboxes for IMAP, with the settings that mailstore(5) gives, while POP3
# sessions of ours are open: each sees what the other does, messages stay whole, unique-ids
# and UIDs stay what they were, and the sizes in names are of use to both.
use strict;
use warnings;
use lib 'tests/lib';
use MailRoot ();
use Test::More;
use Dovecot;
use PeerTest qw(deliver mail_root program run scratch_dir slurp spew stored until_true);
use StoreTest qw(ask lines logged_in same_octets);

need_dovecot(awk => 'mawk');

# Whose number is below those that Dovecot takes unless told
my $owner = 'mail';
my $bob = 'bob@example.com';
my $hashed = 'hashed@example.com';
my $root = mail_root($bob, $hashed);
my $maildir = "$root/mail/example.com/bob";
spew("$root/passwords/example.com/hashed", crypt('secret', '$6$saltsaltsalt$') . "\n");
system('chown', '-R', "$owner:$owner", $root) == 0 or die "chown $root\n";

# As the manual has it, for another mail root, owner and file of users.
my $users = scratch_dir() . '/users';
my ($settings, $script) = map { s/\\e/\\/gr } slurp('store/mailstore.5') =~
	m{^\.\\" tried by tests/peers/maildir-dovecot\.t\n\.Bd [^\n]*\n(.*?)^\.Ed$}gms;
for ($settings, $script) {
	s{/var/lib/mail-stdio}{$root}g;
	s{/etc/dovecot/mail-stdio\.users}{$users};
	s{^(mail_[ug]id = )mail-stdio$}{$1$owner}mg;
}
is((run(['sh', '-ec', $script]))[0], 0, 'the file of users is made');
my $dovecot = Dovecot->new(settings => $settings);
my @texts = map { "Subject: number $_\n\n" . ".line $_\n" x $_ } 0 .. 9;

sub crlf
{
	my ($text) = @_;
	return $text =~ s/\r?\n/\r\n/gr;
}

# Puts a file where another program would.
sub put
{
	my ($name, $octets) = @_;
	spew("$maildir/tmp/x", $octets);
	chown((stat $maildir)[4, 5], "$maildir/tmp/x");
	chmod 0600, "$maildir/tmp/x";
	rename "$maildir/tmp/x", "$maildir/$name" or die "$name: $!\n";
}

# What POP3 has: the size and the octets of each message, by unique-id.
sub pop3
{
	my $client = logged_in($root, $bob, 'secret');
	my %uid = (lines($client, 'UIDL'))[1] =~ /^(\d+) (\S+)\r$/mg;
	my %size = (lines($client, 'LIST'))[1] =~ /^(\d+) (\d+)\r$/mg;
	my %found = map { ($uid{$_} => [$size{$_}, (lines($client, "RETR $_"))[1]]) } keys %uid;
	ask($client, 'QUIT');
	return \%found;
}

# Empties the mailbox.
sub begin_anew
{
	unlink stored($root, $bob);
}

# A list of the messages by their subjects, of what POP3 or IMAP has.
sub subjects
{
	return join ' ', sort map { /^Subject: (?:number )?([^\r\n]*)/m ? $1 : "[$_]" } @_;
}

for my $user ($bob, $hashed) {
	my $imap = eval { $dovecot->imap($user, 'secret') };
	ok($imap, "$user logs in by IMAP") or diag($@, $dovecot->log);
}
ok(!eval { $dovecot->imap($bob, 'Secret') }, 'and not with another password');

subtest 'what comes by SMTP is the same by IMAP' => sub {
	deliver($root, $bob, $texts[$_]) for 1 .. 3;
	my $before = pop3();
	my $imap = $dovecot->imap($bob, 'secret');
	like(($imap->command('SELECT INBOX'))[0], qr/^OK/, 'it is there') or diag($dovecot->log);
	my ($size, $text) = map { $imap->fetch($_) } 'RFC822.SIZE', 'BODY.PEEK[]';
	is_deeply([ sort map { "$size->{$_} $text->{$_}" } keys %$text ], [ sort map { "$_->[0] $_->[1]" } values %$before ],
		'with the same size and octets');    ## pop3-store-i
	is(scalar(() = stored($root, $bob)), 3, 'three files');
	is(scalar(grep { m{/cur/} } stored($root, $bob)), 3, 'which Dovecot has moved');
	is_deeply(pop3(), $before, 'unique-id, size and octets are as before it did');     ## pop3-1939-7-c
	begin_anew();
};

subtest 'UIDs of messages that get sizes' => sub {
	unlink "$maildir/dovecot-uidlist";
	put('new/1700000001.a.host', $texts[1]);
	put('new/1700000002.b.host', crlf($texts[2]));
	put('cur/1700000003.c.host:2,S', $texts[3]);
	my $pop3 = pop3();
	is_deeply([ sort map { $_->[1] } values %$pop3 ], [ map { crlf($_) } @texts[1 .. 3] ], 'POP3 has them whole');
	is(join(' ', map { m{([^/]+/[^/]+)$} } stored($root, $bob)),
		sprintf('new/1700000001.a.host,S=%d,W=%d new/1700000002.b.host,S=%d,W=%d cur/1700000003.c.host:2,S', map { length }
			$texts[1], crlf($texts[1]), crlf($texts[2]), crlf($texts[2])), 'and has given those in new/ names with sizes');
	my $imap = $dovecot->imap($bob, 'secret');
	# EXAMINE gives UIDs, and leaves the files where they are
	my ($reply, @said) = $imap->command('EXAMINE INBOX');
	my ($validity) = "@said" =~ /UIDVALIDITY (\d+)/;
	my $before = $imap->fetch('BODY.PEEK[]');
	is(scalar keys %$before, 3, 'three UIDs');
	for my $command ('EXAMINE', 'SELECT', 'EXAMINE') {
		$imap = $dovecot->imap($bob, 'secret');
		($reply, @said) = $imap->command("$command INBOX");
		like("@said", qr/UIDVALIDITY $validity\]/, "$command: the validity of UIDs stays");
		is_deeply($imap->fetch('BODY.PEEK[]'), $before, 'and so does each UID');    ## pop3-store-h
		is_deeply(pop3(), $pop3, 'unique-ids and octets too');
	}
	begin_anew();
};

subtest 'UIDs of messages that have none' => sub {
	put("new/170000000$_.d.host", $texts[$_]) for 1 .. 3;
	my @names = stored($root, $bob);
	my $imap = $dovecot->imap($bob, 'secret');
	$imap->command('EXAMINE INBOX');
	my $before = $imap->fetch('BODY.PEEK[]');
	my $pop3 = pop3();
	is_deeply([ sort map { $_->[1] } values %$pop3 ], [ map { crlf($_) } @texts[1 .. 3] ], 'POP3 has them whole');
	is_deeply([ stored($root, $bob) ], \@names, 'once Dovecot has given UIDs, names stay');
	for my $command ('EXAMINE', 'SELECT') {
		$imap = $dovecot->imap($bob, 'secret');
		$imap->command("$command INBOX");
		is_deeply($imap->fetch('BODY.PEEK[]'), $before, "$command: and each UID");   ## pop3-store-h
		is_deeply(pop3(), $pop3, 'unique-ids and octets too');
	}
	begin_anew();
};

subtest 'sizes in names' => sub {
	# Which could not be known but from the name
	put('cur/1700000001.a.host,S=1234,W=56789:2,', $texts[1]);
	my $imap = $dovecot->imap($bob, 'secret');
	$imap->command('EXAMINE INBOX');
	is(join(' ', values %{ $imap->fetch('RFC822.SIZE') }), '56789', 'Dovecot takes W= for the size of RFC 822');    ## pop3-store-i
	my ($status, $out, $error) = $dovecot->doveadm('-f', 'flow', 'fetch', '-u', $bob, 'size.physical', 'ALL');
	like($out, qr/^size\.physical=1234$/m, 'and S= for that of the file') or diag($error);    ## pop3-store-i
	begin_anew();
};

subtest 'changes while a POP3 session is open' => sub {
	put("new/170000000$_.m.host", $texts[$_]) for 1 .. 6;
	my $client = logged_in($root, $bob, 'secret');
	my (undef, $unique) = lines($client, 'UIDL');
	my $imap = $dovecot->imap($bob, 'secret');
	$imap->command('SELECT INBOX');
	my $uid = { reverse map { s/\D//gr } %{ $imap->fetch('BODY.PEEK[HEADER.FIELDS (SUBJECT)]') } };
	is(scalar(grep { m{/cur/} } stored($root, $bob)), 6, 'Dovecot moves all of them');
	$imap->command("UID STORE $uid->{1} +FLAGS (\\Seen \\Flagged)");
	$imap->command("UID STORE $uid->{5} +FLAGS (\\Answered)");
	$imap->command("UID STORE $uid->{2},$uid->{6} +FLAGS (\\Deleted)");
	$imap->command('EXPUNGE');
	$imap->command('CREATE Kept');
	like(($imap->command("UID MOVE $uid->{4} Kept"))[0], qr/^OK/, 'moves one to a folder, expunges two, flags two');

	same_octets((lines($client, "RETR $_"))[1], crlf($texts[$_]), "RETR $_") for 1, 3, 5;   ## pop3-store-c
	like(ask($client, "RETR $_"), qr{^-ERR \[SYS/TEMP\] }, "RETR $_, which is gone") for 2, 4, 6;   ## pop3-store-d
	is((lines($client, 'UIDL'))[1], $unique, 'unique-ids stay');   ## pop3-1939-7-c
	like(ask($client, "DELE $_"), qr/^\+OK/, "DELE $_") for 1, 2, 4;
	$imap->command("UID STORE $uid->{1} -FLAGS (\\Flagged)");
	like(ask($client, 'QUIT'), qr/^\+OK/, 'QUIT');
	is(join(' ', map { m{/([^/]+)$} } stored($root, $bob)), '1700000003.m.host:2, 1700000005.m.host:2,R',
		'there is what was not deleted by either');
	# It looks into a directory again when its time has changed by a second
	my @gone;
	until_true(sub { push @gone, grep { /EXPUNGE/ } $imap->command('NOOP'); @gone });
	is("@gone", '* 1 EXPUNGE', 'Dovecot learns of what POP3 has removed');
	is(join(' ', sort keys %{ $imap->fetch('FLAGS') }), join(' ', sort map { $uid->{$_} } 3, 5), 'UIDs stay');
	my ($status, $out) = $dovecot->doveadm('-f', 'flow', 'fetch', '-u', $bob, 'text', 'mailbox', 'Kept', 'ALL');
	like($out, qr/^text=Subject: number 4$/m, 'what was in a folder is there');
	begin_anew();
};

subtest 'what Dovecot puts there' => sub {
	my $imap = $dovecot->imap($bob, 'secret');
	like(($imap->command('APPEND INBOX (\Seen)', crlf($texts[7])))[0], qr/^OK/, 'by APPEND');
	my ($status, $out, $error) = $dovecot->deliver($bob, $texts[8]);
	is($status, 0, 'by its delivery agent') or diag($error, $dovecot->log);
	put('new/1700000009.m.host', $texts[9]);
	my $got = pop3();
	is(subjects(map { $_->[1] } values %$got), '7 8 9', 'POP3 has it');    ## pop3-store-j
	is(scalar(grep { $_->[0] != length $_->[1] } values %$got), 0, 'and the sizes are right');
	my ($seventh) = grep { /number 7/ } map { $_->[1] } values %$got;
	same_octets($seventh, crlf($texts[7]), 'octet for octet');
	is_deeply(pop3(), $got, 'and so the next time');
	begin_anew();
};

subtest 'what is Dovecot\'s own' => sub {
	deliver($root, $bob, $texts[1]);
	put('new/1700000002.m.host', $texts[2]);
	$dovecot->imap($bob, 'secret')->command('SELECT INBOX');
	ok(-e "$maildir/dovecot-uidlist" && -d "$maildir/.Kept/cur", 'indexes and a folder are there');
	my ($status, $out, $error) = run([program('mailstore'), '-d', $root, 'list', 'example.com']);
	like($out, qr/^\Q$bob\E\s+2\s/m, 'only what is in the mailbox counts') or diag($error);
	($status, $out, $error) = run([program('mailstore'), '-d', $root, 'check']);
	is("$status$out$error", '0', 'mailstore check finds nothing wrong with it');
	($status, $out, $error) = run([program('mailstore'), '-d', $root, 'remove', '-f', $bob]);
	is("$status$error", '0', 'mailstore removes the account');
	ok(!-e $maildir, 'with all of it');
};

unlike($dovecot->log, qr/: (?:Error|Fatal|Panic): /, 'Dovecot has nothing to complain of');
done_testing();
